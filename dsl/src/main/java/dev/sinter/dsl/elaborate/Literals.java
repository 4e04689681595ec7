package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.UnaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.op.Constant;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Values of literals.
final class Literals {
  private Literals() {}

  static Datum value(Expr expr) {
    return switch (expr) {
      case Expr.Numeral number ->
          number.isInteger()
              ? new Datum.Size(Dim.of(number.value().longValue()))
              : new Datum.Real(number.value().doubleValue());
      case Expr.Text text -> new Datum.Text(text.literal().value());
      case Expr.Truth truth -> new Datum.Truth(truth.value());
      case Expr.Unary unary when unary.operator() == UnaryOperator.NEGATE ->
          Arithmetic.negate(value(unary.operand()), unary.span(), null);
      case Expr.ListOf list -> {
        List<Datum> elements = new ArrayList<>();
        list.values().forEach(v -> elements.add(value(v)));
        yield new Datum.Many(elements);
      }
      default -> throw Faults.of(DiagnosticCode.WRONG_KIND, expr.span(), "expected a literal");
    };
  }

  /// A list of numbers, or of lists of them, as a tensor of the type that is declared; nothing
  /// where it is a list of something else.
  ///
  /// @throws Fault if the list has other sizes than the type
  static Optional<Datum.Tensor> tensor(Datum.Many list, TensorType type, Build build) {
    List<Datum> elements = new ArrayList<>();
    if (!isOf(list, type.shape(), elements)) {
      return Optional.empty();
    }
    Tensor tensor =
        Tensor.allocate(type.dtype(), type.shape().stream().mapToLong(Dim::constant).toArray());
    for (int i = 0; i < elements.size(); i++) {
      switch (elements.get(i)) {
        case Datum.Size(Dim dim) when type.dtype().isFloat() ->
            tensor.setDouble(i, (double) dim.constant());
        case Datum.Size(Dim dim) -> tensor.setLong(i, dim.constant());
        case Datum.Truth(boolean truth) -> tensor.setLong(i, truth ? 1 : 0);
        case Datum.Real(double real) -> tensor.setDouble(i, real);
        default -> throw new IllegalStateException("no number");
      }
    }
    return Optional.of(new Datum.Tensor(build.builder().add(new Constant(tensor))));
  }

  private static boolean isOf(Datum datum, List<Dim> shape, List<Datum> into) {
    if (shape.isEmpty()) {
      into.add(datum);
      return datum instanceof Datum.Real
          || datum instanceof Datum.Truth
          || (datum instanceof Datum.Size(Dim dim) && dim.isConstant());
    }
    return datum instanceof Datum.Many(List<Datum> elements)
        && shape.getFirst().is(elements.size())
        && elements.stream().allMatch(e -> isOf(e, shape.subList(1, shape.size()), into));
  }
}
