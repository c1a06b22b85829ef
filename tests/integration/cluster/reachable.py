"""The control plane of tests/acceptance, for VMs with QEMU's user network: there this machine is 10.0.2.2."""

from __future__ import annotations

import base64
import datetime
import ipaddress

from acceptance import cluster
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

FROM_VMS = "10.0.2.2"
# Besides those that make pods: tokens of ServiceAccounts, and taints of nodes with a kubelet.
MORE = ("serviceaccount-token-controller", "node-lifecycle-controller")


class Reachable(cluster.Cluster):
    """Its API server has a certificate for both addresses."""

    def __enter__(self):
        before = cluster.CONTROLLERS
        cluster.CONTROLLERS = (*before, *MORE)
        try:
            return super().__enter__()
        finally:
            cluster.CONTROLLERS = before

    def _write(self):
        super()._write()
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.folder.joinpath("apiserver.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.folder.joinpath("apiserver.crt").write_bytes(certificate(key).public_bytes(serialization.Encoding.PEM))

    def _start(self, name, *flags):
        if name == "kube-controller-manager":
            keys = (
                f"--service-account-private-key-file={self.folder}/sa.key",
                f"--root-ca-file={self.folder}/apiserver.crt",
            )
            flags = *flags, *keys
        super()._start(name, *flags)

    def seen_from_nodes(self):
        """A kubeconfig for VMs, whole in itself."""
        text = self.folder.joinpath("apiserver.crt").read_text(encoding="ascii")
        user = {"name": "test", "user": {"token": self.token}}
        data = base64.b64encode(text.encode()).decode()
        place = {"server": f"https://{FROM_VMS}:{self.port}", "certificate-authority-data": data}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": place}],
            "users": [user],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "current-context": "test",
        }


def certificate(key):
    """A certificate that signs itself, for 127.0.0.1 and for what VMs call this machine."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gedge-test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", FROM_VMS)]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
