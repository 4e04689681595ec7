package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Axes;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Contract;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `einsum{b h, h o -> b o}`: products over named axes, operand by operand from the left.
final class Einsum {
  private Einsum() {}

  /// A tensor whose axes have names.
  private record Named(Value value, List<String> axes) {}

  /// The sum of the products of all operands over the axes that the right side does not name.
  static Value einsum(Expr.WithAxes with, CallSite site) {
    Build build = site.build();
    Span span = with.span();
    List<List<Axes.Term>> patterns = with.axes().from();
    Map<String, Integer> rests = new HashMap<>();
    List<Named> operands = new ArrayList<>();
    Map<String, Dim> sizes = new LinkedHashMap<>();
    for (int i = 0; i < patterns.size(); i++) {
      Value value = site.tensor(i, "operand " + (i + 1));
      List<List<String>> axes =
          AxisPatterns.spread(patterns.get(i), value.type().rank(), rests, span);
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
    for (List<String> axis : AxisPatterns.spread(with.axes().to(), -1, rests, span)) {
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
      Value sum = AxisReductions.of(Reducer.SUM, result.value(), gone, build);
      return Rearrange.transpose(sum, out.stream().map(kept::indexOf).toList(), build);
    }
    return result.value();
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

  /// Sizes that are equal by facts only go under one name, so that the contraction sees one axis.
  private static Value named(Value value, List<String> names, Map<String, Dim> sizes, Build build) {
    List<Dim> shape = names.stream().map(n -> Objects.requireNonNull(sizes.get(n))).toList();
    return Rearrange.reshape(value, shape, build);
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
    axes.forEach(a -> text.append(Objects.requireNonNull(letters.get(a)).charValue()));
    return text.toString();
  }
}
