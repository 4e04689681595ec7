package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Broadcast;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// `repeat{c -> n c h 4}(b, n = N, h = H)`: an operand repeated along new axes.
final class Repeat {
  private Repeat() {}

  /// The operand with its axes in the order of the right side, and new ones of the sizes given.
  /// Axes of size 1 are left out of the right side, or have another number there.
  static Value repeat(Expr.WithAxes with, CallSite site) {
    Value x = site.tensor(0, "x");
    Build build = site.build();
    Span span = with.span();
    if (with.axes().from().size() != 1) {
      throw Faults.of(DiagnosticCode.BAD_AXES, span, "`repeat` takes one operand");
    }
    Map<String, Integer> rests = new HashMap<>();
    List<List<String>> from =
        AxisPatterns.spread(with.axes().from().getFirst(), x.type().rank(), rests, span);
    List<List<String>> to = AxisPatterns.spread(with.axes().to(), -1, rests, span);
    Map<String, Dim> own = new LinkedHashMap<>();
    for (int i = 0; i < from.size(); i++) {
      String name = single(from.get(i), span);
      if (!name.startsWith("=")) {
        own.put(name, x.type().dim(i));
      } else if (!x.type().dim(i).is(Long.parseLong(name.substring(1))) || !name.equals("=1")) {
        throw Faults.of(
            DiagnosticCode.BAD_AXES, span, "an axis of size " + x.type().dim(i) + " has a name");
      }
    }
    List<String> kept = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < to.size(); i++) {
      String name = single(to.get(i), span);
      if (own.containsKey(name)) {
        kept.add(name);
        places.add(i);
      }
      shape.add(size(name, own, site, span));
    }
    if (kept.size() != own.size()) {
      throw Faults.of(
          DiagnosticCode.BAD_AXES, span, "each axis of the operand stands once on the right");
    }
    List<String> names = new ArrayList<>(own.keySet());
    Value value = Rearrange.reshape(x, new ArrayList<>(own.values()), build);
    List<Integer> order = kept.stream().map(names::indexOf).toList();
    Value ordered = Rearrange.transpose(value, order, build);
    return places.equals(IntStream.range(0, shape.size()).boxed().toList())
        ? ordered
        : build.builder().add(new Broadcast(places, shape), ordered);
  }

  private static String single(List<String> axis, Span span) {
    if (axis.size() != 1) {
      throw Faults.of(DiagnosticCode.BAD_AXES, span, "no groups in `repeat`; rearrange first");
    }
    return axis.getFirst();
  }

  private static Dim size(String name, Map<String, Dim> own, CallSite site, Span span) {
    if (name.startsWith("=")) {
      return Dim.of(Long.parseLong(name.substring(1)));
    }
    Dim known = own.get(name);
    if (known != null) {
      return known;
    }
    if (site.find(-1, name).isEmpty()) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.UNBOUND_SIZE, span, "the new axis `" + name + "` has no size")
              .help("give it: `repeat{...}(x, " + name + " = ...)`"));
    }
    return site.size(-1, name);
  }
}
