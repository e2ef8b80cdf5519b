"""A hang or a crash costs one file, and scores are those of this process."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError

import psutil
import pytest
