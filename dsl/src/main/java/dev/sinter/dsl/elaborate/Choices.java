package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.If;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `if` as an expression.
final class Choices {
  private final Elaboration all;

  Choices(Elaboration all) {
    this.all = all;
  }

  /// `if c then a else b`: an arm is picked where `c` is known, else both become regions.
  Datum choice(Expr.If choice, Scope scope, @Nullable Build build, @Nullable TensorType expected) {
    Datum condition = all.expressions().eval(choice.condition(), scope, build);
    if (condition instanceof Datum.Truth(boolean known)) {
      return all.expressions()
          .eval(known ? choice.then() : choice.otherwise(), scope, build, expected);
    }
    Build graph = Faults.graph(build, choice.span());
    if (!(condition instanceof Datum.Tensor(Value test))
        || !test.type().equals(TensorType.of(DType.BOOL, new Dim[0]))) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_KIND,
                  choice.condition().span(),
                  "`if` takes one bool, not " + condition.kind())
              .help("element by element write `select(condition, a, b)`"));
    }
    GraphBuilder then = graph.builder().nested();
    List<Value> yes = arm(choice.then(), then, scope, graph, expected);
    GraphBuilder otherwise = graph.builder().nested();
    List<Value> no = arm(choice.otherwise(), otherwise, scope, graph, expected);
    if (!types(yes).equals(types(no))) {
      throw Faults.of(
          DiagnosticCode.SHAPES_DIFFER,
          choice.span(),
          "the arms of an `if` at run time have one type; these have %s and %s"
              .formatted(text(yes), text(no)));
    }
    otherwise.captured().forEach(then::use);
    then.captured().forEach(otherwise::use);
    List<Value> order = then.captured();
    List<Value> operands = new ArrayList<>();
    operands.add(test);
    operands.addAll(order);
    Node node =
        graph
            .builder()
            .add(new If(), operands, List.of(then.region(yes), otherwise.region(no, order)), "if");
    return Datum.results(node);
  }

  private static List<TensorType> types(List<Value> values) {
    return values.stream().map(Value::type).toList();
  }

  private static String text(List<Value> values) {
    return values.stream().map(v -> v.type().toString()).collect(Collectors.joining(", "));
  }

  /// An arm's value, or several.
  private List<Value> arm(
      Expr arm, GraphBuilder inner, Scope scope, Build build, @Nullable TensorType expected) {
    Span span = arm.span();
    build.enter(inner, inner.fill(Loops.INDEX, 0));
    try {
      Datum value = all.expressions().eval(arm, scope, build, expected);
      List<Datum> values =
          value instanceof Datum.Tuple(List<Datum> elements, List<String> names)
              ? elements
              : List.of(value);
      return Statements.tensors(values, span, build).stream().map(inner::use).toList();
    } finally {
      build.leave();
    }
  }
}
