"""Writes the files of weights beside it: python3 make_checkpoints.py

The pickles are those of Python's own pickle module, of objects whose classes stand under the names
that torch.save would write; PyTorch itself is not needed. NumPy writes the .npz files.
"""

import collections
import io
import os
import pickle
import struct
import sys
import types
import zipfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
for module in ("torch", "torch._utils", "torch.storage"):
    sys.modules[module] = types.ModuleType(module)
sys.modules["torch"]._utils = sys.modules["torch._utils"]
sys.modules["torch"].storage = sys.modules["torch.storage"]


def function(module, name):
    made = types.FunctionType((lambda *arguments: None).__code__, {}, name)
    made.__module__, made.__qualname__ = module, name
    setattr(sys.modules[module], name, made)
    return made


def kind(module, name):
    made = type(name, (), {"__module__": module})
    setattr(sys.modules[module], name, made)
    return made


REBUILD_2 = function("torch._utils", "_rebuild_tensor_v2")
REBUILD_3 = function("torch._utils", "_rebuild_tensor_v3")
REBUILD_PARAMETER = function("torch._utils", "_rebuild_parameter")
UNTYPED = kind("torch.storage", "UntypedStorage")


class Dtype:
    def __init__(self, name):
        self.name = name
        setattr(sys.modules["torch"], name, self)

    def __reduce__(self):
        return self.name


Dtype.__module__ = "torch"


class Storage:
    def __init__(self, made_of, key, size, data):
        self.made_of, self.key, self.size, self.data = made_of, key, size, data


class Tensor:
    def __init__(self, storage, offset, shape, strides, dtype=None):
        self.place, self.dtype = (storage, offset, shape, strides), dtype

    def __reduce__(self):
        hooks = collections.OrderedDict()
        if self.dtype is None:
            return REBUILD_2, (*self.place, False, hooks)
        return REBUILD_3, (*self.place, False, hooks, self.dtype)


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        return REBUILD_PARAMETER, (self.tensor, True, collections.OrderedDict())


class Call:
    def __reduce__(self):
        return os.system, ("echo this is never run",)


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return "storage", value.made_of, value.key, "cpu", value.size
        return None


stores = []


def store(name, array):
    made_of = getattr(sys.modules["torch"], name, None) or kind("torch", name)
    stores.append(Storage(made_of, str(len(stores)), array.size, array.tobytes()))
    return stores[-1]


def tensor(name, array):
    strides = tuple(s // array.itemsize for s in array.strides)
    return Tensor(store(name, array), 0, tuple(array.shape), strides)


def save(name, value, protocol, order="little"):
    pickled = io.BytesIO()
    Pickler(pickled, protocol).dump(value)
    with zipfile.ZipFile(os.path.join(HERE, name), "w", zipfile.ZIP_STORED) as archive:

        def put(entry, data):
            info = zipfile.ZipInfo("archive/" + entry, (1980, 1, 1, 0, 0, 0))
            # As torch.save does, each entry's data begins at a multiple of 64 bytes.
            gap = -(archive.fp.tell() + 34 + len(info.filename)) % 64
            info.extra = b"FB" + struct.pack("<H", gap) + b"Z" * gap
            archive.writestr(info, data)

        put("data.pkl", pickled.getvalue())
        put("byteorder", order.encode())
        for storage in stores:
            put("data/" + storage.key, storage.data)
        put("version", b"3\n")
    stores.clear()


def checkpoint():
    model = collections.OrderedDict()
    weight = np.arange(6, dtype="<f4").reshape(2, 3) - 2.5
    model["fc.weight"] = Parameter(tensor("FloatStorage", weight))
    model["fc.bias"] = tensor("FloatStorage", np.array([0.25, -1], dtype="<f4"))
    model["half"] = tensor("HalfStorage", np.array([1.5, -2], dtype="<f2"))
    brain = np.array([3.5, -0.125], dtype="<f4").view("<u4") >> 16
    model["brain"] = tensor("BFloat16Storage", brain.astype("<u2"))
    model["double"] = tensor("DoubleStorage", np.array([0.1], dtype="<f8"))
    model["long"] = tensor("LongStorage", np.array(-7, dtype="<i8"))
    model["int"] = tensor("IntStorage", np.array([-8], dtype="<i4"))
    model["short"] = tensor("ShortStorage", np.array([-9], dtype="<i2"))
    model["char"] = tensor("CharStorage", np.array([-10], dtype="i1"))
    model["byte"] = tensor("ByteStorage", np.array([250], dtype="u1"))
    model["bool"] = tensor("BoolStorage", np.array([1, 0, 1], dtype="u1"))
    shared = store("FloatStorage", np.arange(12, dtype="<f4"))
    model["turned"] = Tensor(shared, 0, (3, 4), (1, 3))
    model["row"] = Tensor(shared, 6, (3,), (1,))
    model["spread"] = Tensor(shared, 2, (2, 3), (0, 1))
    model["empty"] = Tensor(shared, 0, (0, 3), (3, 1))
    untyped = Storage(UNTYPED, str(len(stores)), 4, struct.pack("<2H", 60000, 3))
    stores.append(untyped)
    model["u16"] = Tensor(untyped, 0, (2,), (1,), Dtype("uint16"))
    model._metadata = collections.OrderedDict({"": {"version": 1}})
    step = tensor("FloatStorage", np.array(5, dtype="<f4"))
    average = tensor("FloatStorage", np.array([1, 2], dtype="<f4"))
    group = {"lr": 0.1, "betas": (0.9, 0.999), "params": [0], "amsgrad": False, "foreach": None}
    optimizer = {"state": {0: {"step": step, "avg": average}}, "param_groups": [group]}
    return {"model": model, "optimizer": optimizer, "epoch": 3, "note": "a text", "big": 1 << 70}


for protocol in (2, 4):
    save(f"checkpoint{protocol}.pt", checkpoint(), protocol)
save("evil.pt", {"w": Call()}, 2)
save("complex.pt", {"w": tensor("ComplexFloatStorage", np.zeros(2, dtype="c8"))}, 2)
big = {"w": tensor("FloatStorage", np.array([1, 2.5], dtype=">f4"))}
big["b"] = tensor("BoolStorage", np.array([1, 0], dtype="u1"))
save("big.pt", big, 2, order="big")
line = collections.OrderedDict()
line["layer.weight"] = tensor("FloatStorage", np.array([[3, -2]], dtype="<f4"))
line["layer.bias"] = tensor("FloatStorage", np.array([1], dtype="<f4"))
save("line.pt", {"state_dict": line, "epoch": 4}, 2)
with open(os.path.join(HERE, "old.pt"), "wb") as file:
    pickle.dump(0x1950A86A20F9469CFC6C, file, protocol=2)
    pickle.dump(1001, file, protocol=2)

arrays = {
    "fc.weight": np.arange(6, dtype="<f4").reshape(2, 3),
    "columns": np.asfortranarray(np.arange(6, dtype="<f8").reshape(2, 3)),
    "big": np.array([1, 2.5], dtype=">f4"),
    "wide": np.array([[1, -2]], dtype=">i8"),
    "half": np.array([1.5], dtype="<f2"),
    "flag": np.array([True, False]),
    "scalar": np.array(7, dtype="<u2"),
    "bytes": np.array([200], dtype="u1"),
    "empty": np.zeros((0, 2), dtype="<f4"),
}
np.savez(os.path.join(HERE, "stored.npz"), **arrays)
np.savez_compressed(os.path.join(HERE, "packed.npz"), **arrays)
