package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.LogSumExp;
import dev.sinter.ir.op.Reduce;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `sum{n d -> n}` and its like: reductions over the axes that the right side does not name.
final class AxisReductions {
  private AxisReductions() {}

  /// The reduction called `name`, its result in the order of the right side.
  static Value reduction(String name, Expr.WithAxes with, CallSite site) {
    Value x = site.tensor(0, "x");
    Build build = site.build();
    Span span = with.span();
    if (with.axes().from().size() != 1) {
      throw Faults.of(DiagnosticCode.BAD_AXES, span, "`" + name + "` takes one operand");
    }
    Map<String, Integer> rests = new HashMap<>();
    List<List<String>> from =
        AxisPatterns.spread(with.axes().from().getFirst(), x.type().rank(), rests, span);
    List<List<String>> to = AxisPatterns.spread(with.axes().to(), -1, rests, span);
    List<Integer> gone = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      if (from.get(i).size() != 1) {
        throw Faults.of(DiagnosticCode.BAD_AXES, span, "no groups in a reduction; rearrange first");
      }
      String axis = from.get(i).getFirst();
      if (to.contains(List.of(axis))) {
        kept.add(axis);
      } else {
        gone.add(i);
      }
    }
    Value reduced = reduce(name, x, gone, build, span);
    List<Integer> order = new ArrayList<>();
    for (List<String> axis : to) {
      int at = axis.size() == 1 ? kept.indexOf(axis.getFirst()) : -1;
      if (at < 0) {
        throw Faults.unknown("axis of the operand", String.join(" ", axis), span, kept);
      }
      order.add(at);
    }
    return Rearrange.transpose(reduced, order, build);
  }

  /// A reduction of `x` over `axes`, by its name in the language.
  static Value reduce(String name, Value x, List<Integer> axes, Build build, Span span) {
    return Elaboration.checked(
        span,
        () ->
            switch (name) {
              case "sum" -> of(Reducer.SUM, x, axes, build);
              case "prod" -> of(Reducer.PRODUCT, x, axes, build);
              case "max" -> of(Reducer.MAX, x, axes, build);
              case "min" -> of(Reducer.MIN, x, axes, build);
              case "any" -> of(Reducer.ANY, x, axes, build);
              case "all" -> of(Reducer.ALL, x, axes, build);
              case "mean" -> mean(x, axes, build, span);
              case "variance" -> {
                Value mean = spread(mean(x, axes, build, span), x, axes, build);
                Value away = build.builder().add(Pointwise.SUB, x, mean);
                yield mean(build.builder().add(Pointwise.MUL, away, away), axes, build, span);
              }
              case "norm" ->
                  build
                      .builder()
                      .add(
                          Pointwise.SQRT,
                          of(Reducer.SUM, build.builder().add(Pointwise.MUL, x, x), axes, build));
              case "logsumexp" -> {
                if (axes.size() == 1) {
                  yield build.builder().add(new LogSumExp(axes.getFirst()), x);
                }
                Value max = of(Reducer.MAX, x, axes, build);
                Value away = build.builder().add(Pointwise.SUB, x, spread(max, x, axes, build));
                Value sum = of(Reducer.SUM, build.builder().add(Pointwise.EXP, away), axes, build);
                yield build
                    .builder()
                    .add(Pointwise.ADD, build.builder().add(Pointwise.LOG, sum), max);
              }
              default -> throw new IllegalArgumentException(name);
            });
  }

  /// A reduction of `x` over `axes`; over none, `x` itself.
  static Value of(Reducer reducer, Value x, List<Integer> axes, Build build) {
    return axes.isEmpty() ? x : Reduce.of(build.builder(), reducer, axes, x);
  }

  private static Value mean(Value x, List<Integer> axes, Build build, Span span) {
    Dim count = Dim.ONE;
    for (int axis : axes) {
      count = count.times(x.type().dim(axis));
    }
    Value sum = of(Reducer.SUM, x, axes, build);
    Datum mean =
        Arithmetic.apply(
            BinaryOperator.DIVIDE, new Datum.Tensor(sum), new Datum.Size(count), span, build);
    return ((Datum.Tensor) mean).value();
  }

  private static Value spread(Value reduced, Value like, List<Integer> axes, Build build) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < like.type().rank(); i++) {
      if (!axes.contains(i)) {
        places.add(i);
      }
    }
    return build.builder().add(new Broadcast(places, like.type().shape()), reduced);
  }
}
