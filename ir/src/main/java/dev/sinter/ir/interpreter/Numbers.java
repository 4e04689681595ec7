package dev.sinter.ir.interpreter;

import dev.sinter.ir.ScalarMath;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Shapes;
import dev.sinter.runtime.Tensor;

/// A tensor's elements on the Java heap, row-major: floats as `double`, integers and bools as
/// `long`; the other array is empty.
final class Numbers {
  private final DType dtype;
  private final long[] shape;
  final double[] reals;
  final long[] integers;

  /// By how much each element may be missed; none where no error is followed, or none was made.
  private double[] errors = new double[0];

  private Numbers(DType dtype, long[] shape, double[] reals, long[] integers) {
    this.dtype = dtype;
    this.shape = shape;
    this.reals = reals;
    this.integers = integers;
  }

  static Numbers zeros(DType dtype, long... shape) {
    long size = Shapes.size(shape);
    if (size > Integer.MAX_VALUE - 8) {
      throw new ShapeException(dtype + Shapes.text(shape) + " is too large to be interpreted");
    }
    return new Numbers(
        dtype,
        shape,
        new double[dtype.isFloat() ? (int) size : 0],
        new long[dtype.isFloat() ? 0 : (int) size]);
  }

  static Numbers scalar(DType dtype, long value) {
    Numbers numbers = zeros(dtype);
    numbers.integers[0] = dtype.wrap(value);
    return numbers;
  }

  /// The elements of `tensor` as those of a `dtype`, which is the tensor's unless both are floats.
  static Numbers of(Tensor tensor, DType dtype) {
    return dtype.isFloat()
        ? new Numbers(dtype, tensor.shape(), tensor.toDoubleArray(), new long[0])
        : new Numbers(dtype, tensor.shape(), new double[0], tensor.toLongArray());
  }

  /// A tensor of these elements; of `f64` for a float type where they are exact.
  Tensor tensor(boolean exact) {
    if (dtype.isFloat()) {
      return Tensor.of(exact ? DType.F64 : dtype, reals, shape);
    }
    Tensor tensor = Tensor.zeros(dtype, shape);
    for (int i = 0; i < integers.length; i++) {
      tensor.setLong(i, integers[i]);
    }
    return tensor;
  }

  /// The bits of these elements as elements of another type.
  Numbers bits(DType other) {
    Numbers out = of(Tensor.wrap(other, tensor(false).memory(), shape), other);
    return errors.length == 0 ? out : out.uncertain();
  }

  /// The type, to which floats are rounded unless the interpreter keeps them exact.
  DType dtype() {
    return dtype;
  }

  /// The sizes; not to be changed.
  long[] shape() {
    return shape;
  }

  int size() {
    return dtype.isFloat() ? reals.length : integers.length;
  }

  /// Slice `index` along the first axis.
  Numbers slice(int index) {
    Numbers out = zeros(dtype, java.util.Arrays.copyOfRange(shape, 1, shape.length));
    out.copy(this, index * out.size(), 0, out.size());
    return out;
  }

  /// Takes `slice` as slice `index` along the first axis.
  void setSlice(int index, Numbers slice) {
    copy(slice, 0, index * slice.size(), slice.size());
  }

  private void copy(Numbers from, int source, int target, int count) {
    if (dtype.isFloat()) {
      System.arraycopy(from.reals, source, reals, target, count);
    } else {
      System.arraycopy(from.integers, source, integers, target, count);
    }
    for (int i = 0; i < count; i++) {
      setError(target + i, from.error(source + i));
    }
  }

  /// An element as a number.
  double number(int index) {
    return dtype.isFloat() ? reals[index] : ScalarMath.toReal(integers[index], dtype);
  }

  /// By how much an element may be missed.
  double error(int index) {
    return errors.length == 0 ? 0 : errors[index];
  }

  void setError(int index, double error) {
    if (errors.length == 0) {
      if (error == 0) {
        return;
      }
      errors = new double[size()];
    }
    errors[index] = error;
  }

  /// These elements, of which nothing is certain.
  Numbers uncertain() {
    Numbers out = new Numbers(dtype, shape, reals, integers);
    for (int i = 0; i < size(); i++) {
      out.setError(i, Double.POSITIVE_INFINITY);
    }
    return out;
  }

  /// The errors as a tensor.
  Tensor errors() {
    return Tensor.of(DType.F64, errors.length == 0 ? new double[size()] : errors, shape);
  }

  /// Stores what an element expression gave, rounded to the type unless kept exact.
  void store(int index, double value, boolean exact) {
    reals[index] = exact ? value : dtype.round(value);
  }

  /// Whether the single element is true.
  boolean isTrue() {
    return integers[0] != 0;
  }
}
