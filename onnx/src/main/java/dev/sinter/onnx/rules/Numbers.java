package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A list of integers that an operator takes as an attribute or as an input: known when the model
/// is compiled, or read when it runs.
///
/// @param count how many there are
/// @param known each as an expression, where they are known
/// @param value the input to read from otherwise
record Numbers(int count, Optional<List<Dim>> known, Optional<Value> value) {
  /// Numbers that are known.
  static Numbers of(List<Dim> known) {
    return new Numbers(known.size(), Optional.of(known), Optional.empty());
  }

  /// The numbers of an input, which is a list or a single number.
  static Numbers input(OpContext op, int input) {
    Optional<List<Dim>> known = op.operand(input).numbers();
    if (known.isPresent()) {
      return of(known.get());
    }
    TensorType type = op.type(input);
    if (type.rank() > 1 || (type.rank() == 1 && !type.dim(0).isConstant())) {
      throw op.fail("takes a list of integers as input %d, not %s".formatted(input, type));
    }
    int count = type.rank() == 0 ? 1 : (int) type.dim(0).constant();
    return new Numbers(count, Optional.empty(), Optional.of(op.in(input)));
  }

  /// The numbers of an input, or of the attribute that it was in older versions.
  static Optional<Numbers> of(OpContext op, int input, String attribute) {
    return op.has(input)
        ? Optional.of(input(op, input))
        : op.integers(attribute).map(n -> of(n.stream().map(Dim::of).toList()));
  }

  /// The values that [#at] reads, to become operands of a comprehension.
  List<Value> operands() {
    return value.stream().toList();
  }

  /// One of the numbers.
  ///
  /// @param slot the number of the operand that the numbers are, where they are read
  Elem at(int number, int slot) {
    if (known.isPresent()) {
      return Elements.whole(known.get().get(number));
    }
    TensorType type = value.orElseThrow().type();
    Dim[] at = type.rank() == 0 ? new Dim[0] : new Dim[] {Dim.of(number)};
    return Elements.integer(type.dtype(), slot, at);
  }

  /// The sizes that an operator's output has: known numbers, else what the file declares.
  static List<Dim> sizes(OpContext op, int input) {
    return op.operand(input)
        .numbers()
        .or(() -> op.declared(0))
        .orElseThrow(() ->
            op.fail(
                "takes sizes from input %d, which are neither known nor declared"
                    .formatted(input)));
  }

  /// The sizes that the file declares for an output.
  static List<Dim> declared(OpContext op, int output) {
    return op.declared(output)
        .orElseThrow(() ->
            op.fail(
                "has an output %d whose sizes follow from inputs and are not declared"
                    .formatted(output)));
  }

  /// The values of operands, one list after the other.
  static Value[] join(List<Value> first, List<List<Value>> more) {
    List<Value> all = new ArrayList<>(first);
    more.forEach(all::addAll);
    return all.toArray(Value[]::new);
  }
}
