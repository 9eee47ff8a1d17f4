"""Hold and run models: contracts, registry, artifacts, batching, host, and one backend per task. Knows only core."""

import os

# onnxruntime's wheels report usage to their maker over the network, from native code, unless this stands before the first
# import. Nothing of the hub may leave the house; `setdefault` lets an operator decide otherwise.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
