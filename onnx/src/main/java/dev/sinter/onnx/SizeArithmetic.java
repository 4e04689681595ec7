package dev.sinter.onnx;

import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;

/// Computes with lists of sizes as expressions: what exporters write to find the shape for the next
/// node.
final class SizeArithmetic {
  private SizeArithmetic() {}

  /// The results of an operator over known numbers, if it is one that computes with sizes.
  static Optional<List<Operand>> of(OpContext op, String opType) {
    return switch (opType) {
      case "Identity" -> numbers(op, 0).map(n -> List.of(op.operand(0)));
      case "Cast" -> cast(op);
      case "Add" -> binary(op, Dim::plus);
      case "Sub" -> binary(op, Dim::minus);
      case "Mul" -> binary(op, Dim::times);
      case "Div" -> binary(op, Dim::floorDiv);
      case "Max" -> binary(op, op::larger);
      case "Min" -> binary(op, op::smaller);
      case "Concat" -> concat(op);
      case "Gather" -> gather(op);
      case "Slice" -> slice(op);
      case "Unsqueeze", "Squeeze", "Reshape" -> reshape(op, opType);
      case "ReduceProd" -> product(op);
      default -> Optional.empty();
    };
  }

  /// The numbers of an input that is not all constant; constants are folded anyway.
  private static Optional<List<Dim>> numbers(OpContext op, int input) {
    return op.has(input) ? op.operand(input).numbers() : Optional.empty();
  }

  private static boolean isSymbolic(OpContext op) {
    boolean symbolic = false;
    for (int i = 0; i < op.inputs(); i++) {
      if (op.has(i)) {
        if (op.operand(i).numbers().isEmpty()) {
          return false;
        }
        symbolic |= op.operand(i).constant().isEmpty();
      }
    }
    return symbolic;
  }

  private static long wrapped(long place, int rank) {
    return place < 0 ? place + rank : place;
  }

  private static Operand list(OpContext op, DType dtype, List<Dim> numbers) {
    return op.known(new TensorType(dtype, List.of(Dim.of(numbers.size()))), numbers);
  }

  private static Optional<List<Operand>> cast(OpContext op) {
    if (!isSymbolic(op)) {
      return Optional.empty();
    }
    return dev.sinter.onnx.model.OnnxTypes.of((int) op.integer("to", 0))
        .filter(t -> t == DType.I64 || t == DType.I32)
        .map(t -> List.of(op.known(op.type(0).withDtype(t), op.numbers(0))));
  }

  private static Optional<List<Operand>> binary(OpContext op, BinaryOperator<Dim> operation) {
    if (op.inputs() != 2 || !isSymbolic(op)) {
      return Optional.empty();
    }
    List<Dim> left = op.numbers(0);
    List<Dim> right = op.numbers(1);
    boolean fits = left.size() == right.size() || left.size() == 1 || right.size() == 1;
    if (!fits || right.stream().anyMatch(d -> d.is(0))) {
      return Optional.empty();
    }
    List<Dim> out = new ArrayList<>();
    for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
      out.add(
          operation.apply(
              left.get(left.size() == 1 ? 0 : i), right.get(right.size() == 1 ? 0 : i)));
    }
    TensorType type = op.type(0).rank() >= op.type(1).rank() ? op.type(0) : op.type(1);
    return Optional.of(
        List.of(type.rank() == 0 ? op.known(type, out) : list(op, type.dtype(), out)));
  }

  private static Optional<List<Operand>> concat(OpContext op) {
    if (!isSymbolic(op)) {
      return Optional.empty();
    }
    List<Dim> out = new ArrayList<>();
    for (int i = 0; i < op.inputs(); i++) {
      out.addAll(op.numbers(i));
    }
    return Optional.of(List.of(list(op, op.type(0).dtype(), out)));
  }

  private static Optional<List<Operand>> gather(OpContext op) {
    if (!isSymbolic(op) || op.type(0).rank() != 1 || op.constant(1).isEmpty()) {
      return Optional.empty();
    }
    List<Dim> from = op.numbers(0);
    List<Dim> out = new ArrayList<>();
    for (long index : op.constants(op.numbers(1))) {
      long at = index < 0 ? index + from.size() : index;
      if (at < 0 || at >= from.size()) {
        throw op.fail("picks number %d of %d".formatted(index, from.size()));
      }
      out.add(from.get((int) at));
    }
    return Optional.of(List.of(op.known(op.type(1).withDtype(op.type(0).dtype()), out)));
  }

  private static Optional<List<Operand>> slice(OpContext op) {
    if (!isSymbolic(op) || op.type(0).rank() != 1) {
      return Optional.empty();
    }
    for (int i = 1; i < op.inputs(); i++) {
      if (op.has(i) && op.constant(i).isEmpty()) {
        return Optional.empty();
      }
    }
    List<Dim> from = op.numbers(0);
    int size = from.size();
    boolean old = op.version() < 10;
    long start = old ? op.integers("starts").orElseThrow().getFirst() : first(op, 1, 0);
    long end = old ? op.integers("ends").orElseThrow().getFirst() : first(op, 2, size);
    long step = old ? 1 : first(op, 4, 1);
    List<Dim> out = new ArrayList<>();
    if (step > 0) {
      long stop = Math.clamp(wrapped(end, size), 0, size);
      for (long i = Math.clamp(wrapped(start, size), 0, size); i < stop; i += step) {
        out.add(from.get((int) i));
      }
    } else {
      long stop = end < -size ? -1 : Math.clamp(wrapped(end, size), -1, size - 1);
      for (long i = Math.clamp(wrapped(start, size), -1, size - 1); i > stop; i += step) {
        out.add(from.get((int) i));
      }
    }
    return Optional.of(List.of(list(op, op.type(0).dtype(), out)));
  }

  private static long first(OpContext op, int input, long otherwise) {
    return op.has(input) ? op.constants(op.numbers(input)).getFirst() : otherwise;
  }

  private static Optional<List<Operand>> reshape(OpContext op, String opType) {
    if (!op.has(0) || op.operand(0).numbers().isEmpty() || op.operand(0).constant().isPresent()) {
      return Optional.empty();
    }
    List<Dim> numbers = op.numbers(0);
    boolean list =
        switch (opType) {
          case "Unsqueeze" -> op.type(0).rank() == 0;
          case "Squeeze" -> false;
          default -> op.has(1) && op.numbers(1).size() == 1;
        };
    boolean scalar =
        switch (opType) {
          case "Squeeze" -> numbers.size() == 1;
          case "Reshape" -> op.has(1) && op.numbers(1).isEmpty();
          default -> false;
        };
    if (list) {
      return Optional.of(List.of(list(op, op.type(0).dtype(), numbers)));
    }
    return scalar
        ? Optional.of(List.of(op.known(op.type(0).withShape(List.of()), numbers)))
        : Optional.empty();
  }

  private static Optional<List<Operand>> product(OpContext op) {
    if (!isSymbolic(op)) {
      return Optional.empty();
    }
    List<Dim> shape = op.flag("keepdims", true) ? List.of(Dim.ONE) : List.of();
    return Optional.of(
        List.of(
            op.known(
                new TensorType(op.type(0).dtype(), shape), List.of(Dim.product(op.numbers(0))))));
  }
}
