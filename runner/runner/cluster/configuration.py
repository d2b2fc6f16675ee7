"""How flytekit finds the cluster: FLYTECTL_CONFIG, FLYTE_PLATFORM_URL and their like, checked before any call.

A configuration may hold secrets: no message quotes what is in a file.
"""

import os
import re
import ssl
from pathlib import Path

from flytekit.configuration import Config
from flytekit.configuration.file import FLYTECTL_CONFIG_ENV_VAR_OVERRIDE, ConfigFile, get_config_file
from flytekit.configuration.internal import Credentials, Platform

from runner.cluster.errors import ClusterError

SCHEME = re.compile(r"(?P<scheme>https?)://(?:[^@/]*@)?(?P<host>[^/]*)", re.IGNORECASE)


def configuration() -> Config:
    """The configuration of the cluster; that of a sandbox on this machine if there is none.

    Raises:
        ClusterError: the configuration, or a file that it names, is missing or invalid.
    """
    # Set by runner.command, so that importing flytekit reads no configuration.
    os.environ.pop(FLYTECTL_CONFIG_ENV_VAR_OVERRIDE, None)
    get_config_file.cache_clear()
    named = os.environ.get("FLYTECTL_CONFIG")
    if named and not Path(named).exists():
        raise ClusterError(f"FLYTECTL_CONFIG names {named}, and there is no such file")
    file = loaded(named)
    endpoint = endpoint_of(file, named)
    if not endpoint:
        return Config.for_sandbox()
    if wrong := SCHEME.match(endpoint):
        raise ClusterError(
            f"the endpoint of the cluster must not start with {wrong['scheme']}://; write dns:///{wrong['host']}"
        )
    check_secret(file)
    try:
        config = Config.auto()
    except Exception:  # its words quote the value
        where = named or "of Flyte, in a file or by FLYTE_… variables,"
        raise ClusterError(
            f"the configuration {where} has an invalid value, such as a flag that is not true or false"
        ) from None
    if not (config.platform.insecure or config.platform.insecure_skip_verify):
        check_authority(config.platform.ca_cert_file_path)
    return config


def loaded(named: str | None) -> ConfigFile | None:
    """The configuration file that flytekit finds; None if there is none."""
    where = named or "of Flyte (flytekit.config or ~/.flyte/config)"
    try:
        file = get_config_file(None)
    except OSError as error:
        raise no_cluster(where, f"it cannot be read: {error.strerror}") from None
    except Exception:  # its words quote the file
        raise no_cluster(where, "it is not a file in INI; the name of a file in YAML must end with .yaml") from None
    if named and not Path(named).is_file():
        raise no_cluster(where, "it is not a file")
    return file


def endpoint_of(file: ConfigFile | None, named: str | None) -> str:
    """The endpoint by the environment or the file; empty if neither names one."""
    try:
        endpoint = Platform.URL.read(file)
    except Exception:
        endpoint = None
    is_yaml = file is None or file.legacy_config is not None or isinstance(file.yaml_config, dict)
    if not endpoint and (named or not is_yaml):
        raise no_cluster(named or "~/.flyte/config.yaml", "it is not YAML, or has no admin.endpoint")
    return endpoint or ""


def no_cluster(where: str, why: str) -> ClusterError:
    return ClusterError(f"the configuration {where} names no cluster: {why}")


CHECK_CLIENT_FILE = "check admin.clientSecretLocation in the configuration"
CHECK_CA_FILE = "check admin.caCertFilePath in the configuration, or FLYTE_PLATFORM_CA_CERT_FILE_PATH"


def check_secret(file: ConfigFile | None) -> None:
    """Raises ClusterError if the file with the client's secret cannot be read."""
    path = Credentials.CLIENT_CREDENTIALS_SECRET_LOCATION.read(file)
    try:
        if path:
            Path(path).read_text()
    except OSError as error:
        raise ClusterError(
            f"the client secret file {path} cannot be read: {error.strerror}; {CHECK_CLIENT_FILE}"
        ) from None
    except (ValueError, TypeError):
        raise ClusterError(f"the client secret file {path} is not a text file; {CHECK_CLIENT_FILE}") from None


def check_authority(path: str | None) -> None:
    """Raises ClusterError unless the file, if there is one, has certificates."""
    try:
        if path:
            ssl.create_default_context(cafile=path)
    except (ssl.SSLError, TypeError):
        raise ClusterError(f"the CA file {path} has no certificate in PEM format; {CHECK_CA_FILE}") from None
    except OSError as error:
        raise ClusterError(f"the CA file {path} cannot be read: {error.strerror}; {CHECK_CA_FILE}") from None
