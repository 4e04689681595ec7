package dev.sinter.runtime.files;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Shapes;
import dev.sinter.runtime.Tensor;
import java.io.IOException;

/// A tensor that lies in a file: its dtype and shape are known, its elements are read when they are
/// asked for.
public final class StoredTensor {
  private final DType dtype;
  private final long[] shape;
  private final Source source;

  /// Reads the elements.
  @FunctionalInterface
  public interface Source {
    /// The tensor, which may share the file's memory.
    ///
    /// @throws FormatException when the file does not hold what it says
    Tensor read() throws IOException;
  }

  /// A tensor of this type.
  ///
  /// @throws dev.sinter.runtime.ShapeException when a dim is negative or the tensor too large
  public StoredTensor(DType dtype, long[] shape, Source source) {
    this.dtype = dtype;
    this.shape = shape.clone();
    this.source = source;
    dtype.bytes(Shapes.size(shape));
  }

  /// The type of the elements.
  public DType dtype() {
    return dtype;
  }

  /// A copy of the dims, outermost first.
  public long[] shape() {
    return shape.clone();
  }

  /// The number of dims; 0 for a scalar.
  public int rank() {
    return shape.length;
  }

  /// One dim, counted from the outermost.
  public long dim(int axis) {
    return shape[axis];
  }

  /// The bytes of the elements.
  public long bytes() {
    return dtype.bytes(Shapes.size(shape));
  }

  /// Dtype and shape as text: `f32[2, 3]`.
  public String type() {
    return dtype + Shapes.text(shape);
  }

  /// The tensor. It may share the file's memory, and is good until the file is closed.
  ///
  /// @throws FormatException when the file does not hold what it says
  /// @throws ModelException when an integer does not fit the dtype that was asked for
  public Tensor read() throws IOException {
    return source.read();
  }

  /// Whether [#as] gives one of `other`: any float dtype becomes any other, and any integer dtype
  /// any other; `bool` stays what it is.
  public boolean canBecome(DType other) {
    return dtype == other
        || (dtype.isFloat() && other.isFloat())
        || (dtype.isInteger() && other.isInteger());
  }

  /// The same values in another dtype: a float is rounded to the nearest, which changes nothing
  /// where the other is wider; an integer has to fit.
  ///
  /// @throws IllegalArgumentException where that cannot be, as [#canBecome] says
  public StoredTensor as(DType other) {
    if (dtype == other) {
      return this;
    }
    if (!canBecome(other)) {
      throw new IllegalArgumentException("%s does not become %s".formatted(dtype, other));
    }
    return new StoredTensor(other, shape, () -> converted(read(), other));
  }

  private static Tensor converted(Tensor tensor, DType other) {
    Tensor result = Tensor.zeros(other, tensor.shape());
    boolean real = other.isFloat();
    for (long i = 0; i < tensor.size(); i++) {
      if (real) {
        result.setDouble(i, tensor.getDouble(i));
        continue;
      }
      long value = tensor.getLong(i);
      result.setLong(i, value);
      // As a long, a u64 from 2^63 on is negative, and so fits nothing else.
      boolean wide = tensor.dtype() == DType.U64 || other == DType.U64;
      if (result.getLong(i) != value || (wide && value < 0)) {
        throw new ModelException(
            "element %d of %s is %s, which %s does not hold"
                .formatted(
                    i,
                    tensor.type(),
                    tensor.dtype() == DType.U64
                        ? Long.toUnsignedString(value)
                        : Long.toString(value),
                    other));
      }
    }
    return result;
  }

  /// Dtype and shape, never the values.
  @Override
  public String toString() {
    return type();
  }
}
