"""The pages of an authorization server without a browser: forms, redirects and cookies."""

import html
import http.cookiejar
import re
import urllib.parse
import urllib.request


class Browser:
    """Forms and redirects with cookies; stops at `stop`, which it gives the last URL of."""

    def __init__(self):
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(
            strict_ns_domain=http.cookiejar.DefaultCookiePolicy.DomainLiberal))
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def open(self, url, fields=None):
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        with self.opener.open(urllib.request.Request(url, data), timeout=30) as answer:
            return answer.geturl(), answer.read().decode()

    def submit(self, url, page, **fields):
        """The page's form with its hidden fields, and these."""
        action = re.search(r'<form[^>]*action="([^"]*)"', page)
        target = urllib.parse.urljoin(url, html.unescape(action[1])) if action else url
        hidden = {}
        for tag in re.findall(r"<input[^>]*>", page):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name and value and 'type="hidden"' in tag:
                hidden[name[1]] = html.unescape(value[1])
        return self.open(target, {**hidden, **fields})
