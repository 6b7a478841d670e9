"""Certificates of a little authority, made with the openssl program."""

import pathlib
import subprocess


def openssl(*args):
    subprocess.run(
        ["openssl", *map(str, args)], check=True, timeout=60, stderr=subprocess.DEVNULL
    )


class Authority:
    """Signs certificates; each is NAME.crt and NAME.key in the folder."""

    def __init__(self, folder, name="ca"):
        self.folder, self.name = pathlib.Path(folder), name
        self.certificate = self.folder / f"{name}.crt"
        openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", 30, "-subj", f"/CN={name}", "-keyout", self.folder / f"{name}.key"),
            *("-out", self.certificate, "-addext", "basicConstraints=critical,CA:TRUE"),
        )

    def issue(self, name, file=None):
        """(certificate, key) for a host name, also valid for 127.0.0.1."""
        file = self.folder / (file or name)
        certificate, key, request = (file.with_suffix(end) for end in (".crt", ".key", ".csr"))
        extensions = file.with_suffix(".ext")
        extensions.write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
        openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", f"/CN={name}", "-keyout", key, "-out", request),
        )
        openssl(
            *("x509", "-req", "-in", request, "-CA", self.certificate, "-days", 30),
            *("-CAkey", self.folder / f"{self.name}.key", "-CAcreateserial"),
            *("-extfile", extensions, "-out", certificate),
        )
        return certificate, key
