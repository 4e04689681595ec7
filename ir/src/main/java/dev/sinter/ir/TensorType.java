package dev.sinter.ir;

import dev.sinter.runtime.DType;
import java.util.List;
import java.util.stream.Collectors;

/// The type of a graph value: an element type and a size for each axis; no axes is a scalar.
///
/// @param dtype the element type
/// @param shape the sizes, outermost first
public record TensorType(DType dtype, List<Dim> shape) {
  public TensorType {
    shape = List.copyOf(shape);
  }

  /// The type with sizes as given.
  public static TensorType of(DType dtype, Dim... shape) {
    return new TensorType(dtype, List.of(shape));
  }

  /// The type with constant sizes.
  public static TensorType of(DType dtype, long... shape) {
    return new TensorType(dtype, java.util.Arrays.stream(shape).mapToObj(Dim::of).toList());
  }

  /// The number of axes.
  public int rank() {
    return shape.size();
  }

  /// The size of axis `axis`.
  public Dim dim(int axis) {
    return shape.get(axis);
  }

  /// The number of elements.
  public Dim size() {
    return Dim.product(shape);
  }

  /// The same shape of another element type.
  public TensorType withDtype(DType other) {
    return new TensorType(other, shape);
  }

  /// The same element type in another shape.
  public TensorType withShape(List<Dim> other) {
    return new TensorType(dtype, other);
  }

  /// The text form, such as `f32[N, 4*C]`.
  @Override
  public String toString() {
    return shape.stream().map(Dim::toString).collect(Collectors.joining(", ", dtype + "[", "]"));
  }
}
