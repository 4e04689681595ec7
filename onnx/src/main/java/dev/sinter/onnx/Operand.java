package dev.sinter.onnx;

import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A value of an ONNX graph during import, with what is known of it already: all elements, or, of a
/// list of sizes, each as an expression. It may also be a sequence of values, whose length is
/// known.
///
/// The node that makes it is only built when somebody asks for [#value]: what becomes an attribute
/// leaves no trace in the graph.
public final class Operand {
  /// Longer lists of integers are no shapes.
  private static final int MOST_NUMBERS = 64;

  private final @Nullable TensorType type;
  private final List<Operand> elements;
  private final Supplier<Value> build;
  private final @Nullable Tensor constant;
  private final @Nullable List<Dim> numbers;
  private @Nullable Value built;

  private Operand(
      TensorType type,
      Supplier<Value> build,
      @Nullable Tensor constant,
      @Nullable List<Dim> numbers) {
    this.type = type;
    this.elements = List.of();
    this.build = build;
    this.constant = constant;
    this.numbers = numbers;
  }

  private Operand(List<Operand> elements) {
    this.type = null;
    this.elements = List.copyOf(elements);
    this.build = Operand::noTensor;
    this.constant = null;
    this.numbers = null;
  }

  private static Value noTensor() {
    throw new IllegalArgumentException("a sequence is no tensor");
  }

  /// A sequence of values.
  public static Operand sequence(List<Operand> elements) {
    return new Operand(elements);
  }

  /// The values that a sequence is of, if it is one.
  public Optional<List<Operand>> elements() {
    return type == null ? Optional.of(elements) : Optional.empty();
  }

  /// A value of the graph.
  public static Operand of(Value value) {
    return new Operand(value.type(), () -> value, null, null);
  }

  /// A tensor whose elements are known.
  ///
  /// @param build makes a value of it
  static Operand constant(Tensor tensor, Supplier<Value> build) {
    List<Dim> shape = new ArrayList<>();
    for (long dim : tensor.shape()) {
      shape.add(Dim.of(dim));
    }
    List<Dim> numbers = null;
    if (tensor.dtype().isInteger() && tensor.rank() <= 1 && tensor.size() <= MOST_NUMBERS) {
      numbers = new ArrayList<>();
      for (int i = 0; i < tensor.size(); i++) {
        numbers.add(Dim.of(tensor.getLong(i)));
      }
    }
    return new Operand(new TensorType(tensor.dtype(), shape), build, tensor, numbers);
  }

  /// Integers of which each is known as an expression over sizes: one of rank 0, a list of rank 1.
  ///
  /// @param build makes a value of it
  static Operand numbers(TensorType type, List<Dim> numbers, Supplier<Value> build) {
    return new Operand(type, build, null, List.copyOf(numbers));
  }

  /// The type.
  ///
  /// @throws IllegalArgumentException if it is a sequence
  public TensorType type() {
    TensorType own = type;
    return own == null ? noTensor().type() : own;
  }

  /// All elements, where they are known.
  public Optional<Tensor> constant() {
    return Optional.ofNullable(constant);
  }

  /// Each integer of a scalar or a list, where they are known as expressions over sizes.
  public Optional<List<Dim>> numbers() {
    return Optional.ofNullable(numbers);
  }

  /// The value in the graph that is built.
  ///
  /// @throws IllegalArgumentException if it is a sequence
  public Value value() {
    Value value = built;
    if (value == null) {
      value = build.get();
      built = value;
    }
    return value;
  }
}
