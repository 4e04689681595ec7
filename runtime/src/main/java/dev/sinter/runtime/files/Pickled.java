package dev.sinter.runtime.files;

import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// A value of a pickle, as far as a checkpoint needs one. Nothing of it is ever run.
sealed interface Pickled {
  /// Values without content.
  enum Constant implements Pickled {
    NONE,
    FALSE,
    TRUE,
    /// Where a group of values begins on the stack; no value.
    MARK
  }

  /// An integer of 64 bits.
  record Whole(long value) implements Pickled {}

  /// A text.
  record Text(String value) implements Pickled {}

  /// What no tensor is made of: a real number, bytes, a device.
  record Other(String what) implements Pickled {}

  /// The name of a Python object that tensors are made of, such as `torch.FloatStorage`.
  record Global(String module, String name) implements Pickled {
    @Override
    public String toString() {
      return module + "." + name;
    }
  }

  /// A list, a tuple or a set.
  record Items(List<Pickled> values) implements Pickled {}

  /// A dictionary: keys and values side by side, a key may stand twice.
  record Dict(List<Pickled> keys, List<Pickled> values) implements Pickled {
    Dict() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void put(Pickled key, Pickled value) {
      keys.add(key);
      values.add(value);
    }
  }

  /// The memory of tensors, an entry of the checkpoint.
  ///
  /// @param key the entry's name
  /// @param type what its elements are, such as `FloatStorage`
  /// @param size how many elements of that type it says to have
  record Storage(String key, Global type, long size) implements Pickled {}

  /// A tensor.
  ///
  /// @param offset of the first element in the storage, in elements
  /// @param strides in elements
  record Located(Storage storage, DType dtype, long offset, List<Long> shape, List<Long> strides)
      implements Pickled {}
}
