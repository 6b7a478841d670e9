"""More forms of requests that two readers could understand differently. Each is refused, the
connection ends, and the request that follows in the same bytes is never read. With the forms of
test_http_strict.py there are more than 130."""

import pytest
from conftest import Server, wait_until
from test_http_strict import CHUNKED, GET, HOST, POST, SMUGGLED, SPEC, exchange, is_alive


@pytest.fixture(scope="module")
def server(compile_server, tmp_path_factory):
    spec = tmp_path_factory.mktemp("smuggling") / "smuggling.yaml"
    spec.write_text(SPEC)
    with Server(compile_server(spec)) as found:
        yield found


def headers(text, status=400):
    return GET + text + b"\r\n\r\n", status


def line(text, status=400):
    return text + b"\r\n" + HOST + b"\r\n", status


def chunks(text, status=400):
    return CHUNKED + text, status


FORMS = {
    # Content-Length
    "empty length": headers(b"Content-Length:"),
    "negative length": headers(b"Content-Length: -1"),
    "minus zero": headers(b"Content-Length: -0"),
    "length with a fraction": headers(b"Content-Length: 0.0"),
    "length with an exponent": headers(b"Content-Length: 0e0"),
    "length with an underscore": headers(b"Content-Length: 0_0"),
    "two numbers": headers(b"Content-Length: 0 0"),
    "length with a parameter": headers(b"Content-Length: 0;q=1"),
    "quoted length": headers(b'Content-Length: "0"'),
    "length in other digits": headers(b"Content-Length: \xd9\xa0"),
    "length after a form feed": headers(b"Content-Length: \x0c0"),
    "lengths that differ in case": headers(b"content-length: 0\r\nCONTENT-LENGTH: 0"),
    "length and an empty length": headers(b"Content-Length: 0\r\nContent-Length:"),
    "space in the name": headers(b"Content Length: 0"),
    "length with a line end inside": headers(b"Content-Length:\r\n 0"),
    "length beyond all": (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 413),
    # Transfer-Encoding
    "empty coding": headers(b"Transfer-Encoding:", 501),
    "identity": headers(b"Transfer-Encoding: identity", 501),
    "chunked in capitals": headers(b"Transfer-Encoding: CHUNKED", 501),
    "chunked with a parameter": headers(b"Transfer-Encoding: chunked;q=1", 501),
    "chunked and a comma": headers(b"Transfer-Encoding: chunked,", 501),
    "a comma and chunked": headers(b"Transfer-Encoding: ,chunked", 501),
    "quoted chunked": headers(b'Transfer-Encoding: "chunked"', 501),
    "gzip before chunked": headers(b"Transfer-Encoding: gzip, chunked", 501),
    "chunked, twice in a list": headers(b"Transfer-Encoding: chunked, chunked", 501),
    "coding in two lines": headers(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x", 501),
    "coding with a NUL": headers(b"Transfer-Encoding: chunked\0"),
    "coding with high bytes": headers(b"Transfer-Encoding: chunked\xa0", 501),
    "coding behind a control": headers(b"X: y\x01\r\nTransfer-Encoding: chunked"),
    "coding after a bare CR": headers(b"X: y\rTransfer-Encoding: chunked"),
    "coding and length in capitals": headers(b"TRANSFER-ENCODING: chunked\r\nContent-Length: 0"),
    # the request line
    "two spaces": line(b"GET  /healthz HTTP/1.1"),
    "a tab": line(b"GET\t/healthz HTTP/1.1"),
    "space at the end": line(b"GET /healthz HTTP/1.1 "),
    "space at the start": line(b" GET /healthz HTTP/1.1"),
    "small letters": line(b"GET /healthz http/1.1"),
    "a longer version": line(b"GET /healthz HTTP/1.10"),
    "a padded version": line(b"GET /healthz HTTP/01.1"),
    "version with a comma": line(b"GET /healthz HTTP/1,1"),
    "no version": line(b"GET /healthz HTTP/"),
    "HTTP/1.2": line(b"GET /healthz HTTP/1.2", 505),
    "ICAP": line(b"GET /healthz ICAP/1.0"),
    "no method": line(b"/healthz HTTP/1.1"),
    "method with a brace": line(b"G{T /healthz HTTP/1.1"),
    "two empty lines before": (b"\r\n\r\n" + SMUGGLED, 400),
    "an empty line of LF": (b"\n" + SMUGGLED, 400),
    "fragment": line(b"GET /healthz#x HTTP/1.1"),
    "backslash": line(b"GET /healthz\\x HTTP/1.1"),
    "space in the target": line(b"GET /health z HTTP/1.1"),
    "half a triple": line(b"GET /healthz%2 HTTP/1.1"),
    "no triple": line(b"GET /healthz%zz HTTP/1.1"),
    "high bytes in the target": line(b"GET /healthz\xff HTTP/1.1"),
    "no slash": line(b"GET healthz HTTP/1.1"),
    "authority form": line(b"CONNECT a.example:443 HTTP/1.1"),
    "asterisk for GET": line(b"GET * HTTP/1.1"),
    "user in the target": line(b"GET http://u@a.example/healthz HTTP/1.1"),
    "other scheme": line(b"GET ftp://a.example/healthz HTTP/1.1"),
    "target without a path": line(b"GET http://a.example HTTP/1.1"),
    # Host
    "empty Host": (b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", 400),
    "Host with a user": (b"GET /healthz HTTP/1.1\r\nHost: u@a.example\r\n\r\n", 400),
    "Host with a space": (b"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "list of Hosts": (b"GET /healthz HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n", 400),
    "Host with a long port": (b"GET /healthz HTTP/1.1\r\nHost: a.example:123456\r\n\r\n", 400),
    "Hosts that differ in case": headers(b"HOST: a.example"),
    # headers
    "no colon": headers(b"X"),
    "no name": headers(b": x"),
    "space before the name": headers(b" X: y"),
    "folded with a tab": headers(b"X: y\r\n\tz"),
    "folded first line": (b"GET /healthz HTTP/1.1\r\n Host: a.example\r\n\r\n", 400),
    "DEL in a name": headers(b"X\x7f: y"),
    "high bytes in a name": headers(b"X\xc3\xa9: y"),
    "quote in a name": headers(b'X": y'),
    "DEL in a value": headers(b"X: y\x7f"),
    "escape in a value": headers(b"X: y\x1b[0m"),
    "Expect twice over": headers(b"Expect: 100-continue, x", 417),
    # chunks
    "no size": chunks(b"\r\nx\r\n0\r\n\r\n"),
    "negative size": chunks(b"-1\r\nx\r\n0\r\n\r\n"),
    "size with 0x": chunks(b"0x1\r\nx\r\n0\r\n\r\n"),
    "space before the size": chunks(b" 1\r\nx\r\n0\r\n\r\n"),
    "space after the size": chunks(b"1 \r\nx\r\n0\r\n\r\n"),
    "space before the extension": chunks(b"1 ;a\r\nx\r\n0\r\n\r\n"),
    "size with an underscore": chunks(b"1_0\r\nx\r\n0\r\n\r\n"),
    "size that wraps to zero": chunks(b"10000000000000000\r\nx\r\n0\r\n\r\n", 413),
    "size that wraps to one": chunks(b"10000000000000001\r\nx\r\n0\r\n\r\n", 413),
    "CR in an extension": chunks(b"1;a\rb\r\nx\r\n0\r\n\r\n"),
    "NUL in an extension": chunks(b"1;a\0b\r\nx\r\n0\r\n\r\n"),
    "CR CR LF after a size": chunks(b"1\r\r\nx\r\n0\r\n\r\n"),
    "chunk shorter than said": chunks(b"5\r\nx\r\n0\r\n\r\n"),
    "bare CR after a chunk": chunks(b"1\r\nx\r0\r\n\r\n"),
    "coding in the trailer": chunks(b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "Host in the trailer": chunks(b"0\r\nHost: b.example\r\n\r\n"),
    "folded trailer": chunks(b"0\r\nX: y\r\n z\r\n\r\n"),
    "bare LF in the trailer": chunks(b"0\r\nX: y\n\r\n"),
    "bare LF after the trailer": chunks(b"0\r\n\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_is_refused_and_nothing_follows(server, form):
    data, status = FORMS[form]
    answers = exchange(server, data + SMUGGLED)
    assert [answer[0] for answer in answers] == [status]
    assert answers[0][1]["connection"] == "close"
    wait_until(lambda: f"refused with {status}: " in server.log(), "the log line")
    assert is_alive(server)
