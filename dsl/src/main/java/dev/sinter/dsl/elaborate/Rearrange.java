package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Transpose;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// `rearrange{n (h w) c -> n h w c}`: an operand under other axes, its elements the same.
final class Rearrange {
  private Rearrange() {}

  /// The operand under the axes on the right: split, ordered, and joined.
  static Value rearrange(Expr.WithAxes with, CallSite site) {
    Value x = site.tensor(0, "x");
    Build build = site.build();
    Span span = with.span();
    if (with.axes().from().size() != 1) {
      throw Faults.of(DiagnosticCode.BAD_AXES, span, "`rearrange` takes one operand");
    }
    Map<String, Integer> rests = new HashMap<>();
    List<List<String>> from =
        AxisPatterns.spread(with.axes().from().getFirst(), x.type().rank(), rests, span);
    List<List<String>> to = AxisPatterns.spread(with.axes().to(), -1, rests, span);
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
        split.add(Objects.requireNonNull(sizes.get(name)));
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
      if (!wanted.contains(flat.get(i)) && !Objects.requireNonNull(sizes.get(flat.get(i))).is(1)) {
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
                    : Objects.requireNonNull(sizes.get(name)));
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
      if (product.is(0)) {
        throw Faults.of(
            DiagnosticCode.INEXACT_DIVISION,
            span,
            "an axis of size " + whole + " in parts of size 0");
      }
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

  /// `x` under another shape.
  static Value reshape(Value x, List<Dim> shape, Build build) {
    return x.type().shape().equals(shape) ? x : build.builder().add(new Reshape(shape), x);
  }

  /// `x` with its axes in another order.
  static Value transpose(Value x, List<Integer> order, Build build) {
    boolean same = true;
    for (int i = 0; i < order.size(); i++) {
      same &= order.get(i) == i;
    }
    return same ? x : build.builder().add(new Transpose(order), x);
  }
}
