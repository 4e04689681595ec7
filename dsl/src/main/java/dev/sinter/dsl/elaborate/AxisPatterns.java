package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Axes;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.LogSumExp;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Transpose;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Functions with axis patterns: `einsum{..s i, o i -> ..s o}`, `rearrange{n (h d) -> n h d}`, and
/// reductions such as `mean{n c h w -> n c}`.
final class AxisPatterns {
  private static final Set<String> REDUCTIONS =
      Set.of("sum", "mean", "max", "min", "prod", "variance", "norm", "any", "all", "logsumexp");

  /// The function that `name{axes}` is.
  Datum stage(Expr.WithAxes with) {
    String name = with.name().text();
    Builtin builtin =
        switch (name) {
          case "einsum" -> site -> new Datum.Tensor(einsum(with, site));
          case "rearrange" -> site -> new Datum.Tensor(rearrange(with, site));
          default -> {
            if (!REDUCTIONS.contains(name)) {
              List<String> known = new ArrayList<>(REDUCTIONS);
              known.add("einsum");
              known.add("rearrange");
              throw Faults.unknown("function with axes", name, with.name().span(), known);
            }
            yield site -> new Datum.Tensor(reduction(name, with, site));
          }
        };
    return new Datum.Function(new Callable.Builtin(name, builtin), List.of());
  }

  /// The axes of a pattern by name, where each stands in the operand; `..s` is spread to `..s.0`
  /// and so on, a group is a list.
  private static List<List<String>> spread(
      List<Axes.Term> terms, int rank, Map<String, Integer> rests, Span span) {
    List<List<String>> out = new ArrayList<>();
    int fixed = (int) terms.stream().filter(t -> !(t instanceof Axes.Term.Rest)).count();
    for (Axes.Term term : terms) {
      switch (term) {
        case Axes.Term.Single single -> out.add(List.of(single.name().text()));
        case Axes.Term.Size size -> out.add(List.of("=" + size.size()));
        case Axes.Term.Group group -> {
          List<String> names = new ArrayList<>();
          for (Axes.Term inner : group.terms()) {
            switch (inner) {
              case Axes.Term.Single single -> names.add(single.name().text());
              case Axes.Term.Size size -> names.add("=" + size.size());
              default ->
                  throw Faults.of(
                      DiagnosticCode.BAD_AXES, inner.span(), "only names stand in a group");
            }
          }
          out.add(names);
        }
        case Axes.Term.Rest rest -> {
          int count = rests.getOrDefault(rest.name().text(), rank < 0 ? 0 : rank - fixed);
          rests.put(rest.name().text(), count);
          for (int i = 0; i < count; i++) {
            out.add(List.of(".." + rest.name().text() + "." + i));
          }
        }
      }
    }
    if (rank >= 0 && out.size() != rank) {
      throw Faults.of(
          DiagnosticCode.RANKS_DIFFER,
          span,
          "the pattern has " + out.size() + " axes, the operand " + rank);
    }
    return out;
  }

  private static void size(Map<String, Dim> sizes, String name, Dim size, Build build, Span span) {
    Dim before = sizes.putIfAbsent(name, size);
    if (before != null && !build.facts().equal(before, size)) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.SIZES_DIFFER,
                  span,
                  "axis `" + name + "` is " + before + " in one place and " + size + " in another")
              .help("one name is one size in all operands: give one of the axes another"));
    }
  }

  // ---- rearrange
  // ---------------------------------------------------------------------------------

  private Value rearrange(Expr.WithAxes with, CallSite site) {
    Value x = site.tensor(0, "x");
    Build build = site.build();
    Span span = with.span();
    if (with.axes().from().size() != 1) {
      throw Faults.of(DiagnosticCode.BAD_AXES, span, "`rearrange` takes one operand");
    }
    Map<String, Integer> rests = new HashMap<>();
    List<List<String>> from = spread(with.axes().from().getFirst(), x.type().rank(), rests, span);
    List<List<String>> to = spread(with.axes().to(), -1, rests, span);
    Map<String, Dim> sizes = new LinkedHashMap<>();
    site.named()
        .forEach((name, datum) -> {
          if (datum instanceof Datum.Size(Dim dim)) {
            sizes.put(name, dim);
          }
        });
    List<String> flat = new ArrayList<>();
    List<Dim> split = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      group(from.get(i), x.type().dim(i), sizes, build, span);
      for (String name : from.get(i)) {
        flat.add(name);
        split.add(java.util.Objects.requireNonNull(sizes.get(name)));
      }
    }
    Value value = reshape(x, split, build);
    List<Integer> order = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    to.forEach(wanted::addAll);
    for (String name : wanted) {
      if (!name.startsWith("=") && flat.indexOf(name) < 0) {
        throw Faults.unknown("axis of the operand", name, span, flat);
      }
    }
    for (int i = 0; i < flat.size(); i++) {
      if (!wanted.contains(flat.get(i))
          && !java.util.Objects.requireNonNull(sizes.get(flat.get(i))).is(1)) {
        throw new Fault(
            Diagnostic.error(
                    DiagnosticCode.BAD_AXES, span, "axis `" + flat.get(i) + "` is lost on the way")
                .help("reduce it: `sum{... -> ...}` or `mean{... -> ...}`"));
      }
    }
    List<Dim> kept = new ArrayList<>();
    List<String> keptNames = new ArrayList<>();
    for (int i = 0; i < flat.size(); i++) {
      if (wanted.contains(flat.get(i)) && !flat.get(i).startsWith("=")) {
        kept.add(split.get(i));
        keptNames.add(flat.get(i));
      }
    }
    value = reshape(value, kept, build);
    List<String> target = wanted.stream().filter(n -> !n.startsWith("=")).toList();
    for (String name : target) {
      order.add(keptNames.indexOf(name));
    }
    value = transpose(value, order, build);
    List<Dim> shape = new ArrayList<>();
    for (List<String> names : to) {
      Dim size = Dim.ONE;
      for (String name : names) {
        size =
            size.times(
                name.startsWith("=")
                    ? Dim.of(Long.parseLong(name.substring(1)))
                    : java.util.Objects.requireNonNull(sizes.get(name)));
      }
      shape.add(size);
    }
    return reshape(value, shape, build);
  }

  /// Sizes of the names in a group of product `whole`; at most one is not known yet.
  private static void group(
      List<String> names, Dim whole, Map<String, Dim> sizes, Build build, Span span) {
    String unknown = null;
    Dim product = Dim.ONE;
    for (String name : names) {
      if (name.startsWith("=")) {
        sizes.put(name, Dim.of(Long.parseLong(name.substring(1))));
      }
      Dim size = sizes.get(name);
      if (size != null) {
        product = product.times(size);
      } else if (unknown == null) {
        unknown = name;
      } else {
        throw new Fault(
            Diagnostic.error(
                    DiagnosticCode.UNBOUND_SIZE,
                    span,
                    "the sizes of `" + unknown + "` and `" + name + "` are both unknown")
                .help("give one: `rearrange{...}(x, " + name + " = ...)`"));
      }
    }
    if (unknown != null) {
      Dim size = build.facts().simplify(whole.floorDiv(product));
      sizes.put(unknown, size);
      product = product.times(size);
    }
    if (!build.facts().equal(product, whole)) {
      throw Faults.of(
          DiagnosticCode.SIZES_DIFFER,
          span,
          "the axis of size " + whole + " is not " + product + ", which `" + names + "` makes");
    }
  }

  private static Value reshape(Value x, List<Dim> shape, Build build) {
    return x.type().shape().equals(shape) ? x : build.builder().add(new Reshape(shape), x);
  }

  private static Value transpose(Value x, List<Integer> order, Build build) {
    boolean same = true;
    for (int i = 0; i < order.size(); i++) {
      same &= order.get(i) == i;
    }
    return same ? x : build.builder().add(new Transpose(order), x);
  }

  // ---- reductions
  // --------------------------------------------------------------------------------

  private Value reduction(String name, Expr.WithAxes with, CallSite site) {
    Value x = site.tensor(0, "x");
    Build build = site.build();
    Span span = with.span();
    if (with.axes().from().size() != 1) {
      throw Faults.of(DiagnosticCode.BAD_AXES, span, "`" + name + "` takes one operand");
    }
    Map<String, Integer> rests = new HashMap<>();
    List<List<String>> from = spread(with.axes().from().getFirst(), x.type().rank(), rests, span);
    List<List<String>> to = spread(with.axes().to(), -1, rests, span);
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
    return transpose(reduced, order, build);
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
                Value away = build.builder().add(dev.sinter.ir.Pointwise.SUB, x, mean);
                yield mean(
                    build.builder().add(dev.sinter.ir.Pointwise.MUL, away, away),
                    axes,
                    build,
                    span);
              }
              case "norm" ->
                  build
                      .builder()
                      .add(
                          dev.sinter.ir.Pointwise.SQRT,
                          of(
                              Reducer.SUM,
                              build.builder().add(dev.sinter.ir.Pointwise.MUL, x, x),
                              axes,
                              build));
              case "logsumexp" -> {
                if (axes.size() == 1) {
                  yield build.builder().add(new LogSumExp(axes.getFirst()), x);
                }
                Value max = of(Reducer.MAX, x, axes, build);
                Value away =
                    build
                        .builder()
                        .add(dev.sinter.ir.Pointwise.SUB, x, spread(max, x, axes, build));
                Value sum =
                    of(
                        Reducer.SUM,
                        build.builder().add(dev.sinter.ir.Pointwise.EXP, away),
                        axes,
                        build);
                yield build
                    .builder()
                    .add(
                        dev.sinter.ir.Pointwise.ADD,
                        build.builder().add(dev.sinter.ir.Pointwise.LOG, sum),
                        max);
              }
              default -> throw new IllegalArgumentException(name);
            });
  }

  private static Value of(Reducer reducer, Value x, List<Integer> axes, Build build) {
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
            dev.sinter.dsl.ast.BinaryOperator.DIVIDE,
            new Datum.Tensor(sum),
            new Datum.Size(count),
            span,
            build);
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

  // ---- einsum
  // ------------------------------------------------------------------------------------

  /// A tensor whose axes have names.
  private record Named(Value value, List<String> axes) {}

  private Value einsum(Expr.WithAxes with, CallSite site) {
    Build build = site.build();
    Span span = with.span();
    List<List<Axes.Term>> patterns = with.axes().from();
    Map<String, Integer> rests = new HashMap<>();
    List<Named> operands = new ArrayList<>();
    Map<String, Dim> sizes = new LinkedHashMap<>();
    for (int i = 0; i < patterns.size(); i++) {
      Value value = site.tensor(i, "operand " + (i + 1));
      List<List<String>> axes = spread(patterns.get(i), value.type().rank(), rests, span);
      List<String> names = new ArrayList<>();
      for (int axis = 0; axis < axes.size(); axis++) {
        if (axes.get(axis).size() != 1) {
          throw Faults.of(DiagnosticCode.BAD_AXES, span, "no groups in `einsum`; rearrange first");
        }
        String name = axes.get(axis).getFirst();
        if (names.contains(name)) {
          throw Faults.of(DiagnosticCode.BAD_AXES, span, "`" + name + "` twice in one operand");
        }
        size(sizes, name, value.type().dim(axis), build, span);
        names.add(name);
      }
      operands.add(new Named(named(value, names, sizes, build), names));
    }
    if (site.count() != patterns.size()) {
      throw Faults.of(
          DiagnosticCode.WRONG_ARGUMENTS,
          span,
          "the pattern has " + patterns.size() + " operands, given are " + site.count());
    }
    List<String> out = new ArrayList<>();
    for (List<String> axis : spread(with.axes().to(), -1, rests, span)) {
      if (axis.size() != 1 || !sizes.containsKey(axis.getFirst())) {
        throw Faults.unknown(
            "axis of an operand", String.join(" ", axis), span, new ArrayList<>(sizes.keySet()));
      }
      out.add(axis.getFirst());
    }
    Named result = operands.getFirst();
    for (int i = 1; i < operands.size(); i++) {
      Set<String> needed = new LinkedHashSet<>(out);
      operands.subList(i + 1, operands.size()).forEach(o -> needed.addAll(o.axes()));
      result =
          contract(result, operands.get(i), needed, i == operands.size() - 1 ? out : null, build);
    }
    if (operands.size() == 1) {
      List<Integer> gone = new ArrayList<>();
      List<String> kept = new ArrayList<>();
      for (int i = 0; i < result.axes().size(); i++) {
        if (out.contains(result.axes().get(i))) {
          kept.add(result.axes().get(i));
        } else {
          gone.add(i);
        }
      }
      Value sum = of(Reducer.SUM, result.value(), gone, build);
      return transpose(sum, out.stream().map(kept::indexOf).toList(), build);
    }
    return result.value();
  }

  /// Sizes that are equal by facts only go under one name, so that the contraction sees one axis.
  private static Value named(Value value, List<String> names, Map<String, Dim> sizes, Build build) {
    List<Dim> shape =
        names.stream().map(n -> java.util.Objects.requireNonNull(sizes.get(n))).toList();
    return reshape(value, shape, build);
  }

  private static Named contract(
      Named a, Named b, Set<String> needed, @Nullable List<String> order, Build build) {
    Map<String, Character> letters = new LinkedHashMap<>();
    for (String name : a.axes()) {
      letters.computeIfAbsent(name, n -> (char) ('a' + letters.size()));
    }
    for (String name : b.axes()) {
      letters.computeIfAbsent(name, n -> (char) ('a' + letters.size()));
    }
    List<String> out = new ArrayList<>();
    if (order != null) {
      out.addAll(order);
    } else {
      letters.keySet().stream().filter(needed::contains).forEach(out::add);
    }
    Value product =
        Contract.of(
            build.builder(),
            spell(a.axes(), letters) + "," + spell(b.axes(), letters) + "->" + spell(out, letters),
            a.value(),
            b.value());
    return new Named(product, out);
  }

  private static String spell(List<String> axes, Map<String, Character> letters) {
    StringBuilder text = new StringBuilder();
    axes.forEach(a -> text.append(java.util.Objects.requireNonNull(letters.get(a)).charValue()));
    return text.toString();
  }
}
