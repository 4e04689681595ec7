package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Orders the unrolled turns of a window by the elements that they read, so that one that several
/// sums take is read once and not held for long.
///
/// Before: `w0 = ..; s0 += x[0] * w0; s1 += x[1] * w0; w1 = ..; s0 += x[1] * w1; s1 += x[2] * w1`.
/// After: `w0 = ..; s0 += x[0] * w0; v = x[1]; s1 += v * w0; w1 = ..; s0 += v * w1; s1 += x[2] *
/// w1`. Each sum takes its products in the order that it had.
final class SharedScalars {
  private final LocalNames names;

  /// @param names where the locals get their names
  SharedScalars(LocalNames names) {
    this.names = names;
  }

  /// The element that a step multiplies a vector by.
  private record Element(int buffer, Dim at) {}

  /// Orders `turns`, if there is nothing in them but vectors and steps of sums, at elements whose
  /// distances are known.
  List<Statement> ordered(List<Statement> turns) {
    Map<String, Statement.Let> vectors = new LinkedHashMap<>();
    TreeMap<Long, List<Statement.Assign>> steps = new TreeMap<>();
    Element first = null;
    Map<String, Long> last = new LinkedHashMap<>();
    for (Statement statement : turns) {
      switch (statement) {
        case Statement.Let let when let.value() instanceof Expr.LoadVector ->
            vectors.put(let.name(), let);
        case Statement.Assign step -> {
          Element element = element(step);
          if (element == null) {
            return turns;
          }
          first = first == null ? element : first;
          Dim distance = element.at().minus(first.at());
          if (element.buffer() != first.buffer()
              || !distance.isConstant()
              || last.getOrDefault(step.name(), Long.MIN_VALUE) > distance.constant()) {
            return turns;
          }
          last.put(step.name(), distance.constant());
          steps.computeIfAbsent(distance.constant(), d -> new ArrayList<>()).add(step);
        }
        default -> {
          return turns;
        }
      }
    }
    List<Statement> out = new ArrayList<>();
    for (List<Statement.Assign> sharing : steps.values()) {
      Expr spread = ((Expr.Apply) sharing.getFirst().value()).args().getFirst();
      if (sharing.size() > 1) {
        String name = names.fresh("element");
        out.add(new Statement.Let(name, new LoopKernel.Type(DType.F32, true), spread));
        spread = new Expr.Local(name);
      }
      for (Statement.Assign step : sharing) {
        List<Expr> args = new ArrayList<>(((Expr.Apply) step.value()).args());
        args.set(0, spread);
        if (args.get(1) instanceof Expr.Local(String vector) && vectors.containsKey(vector)) {
          out.add(vectors.remove(vector));
        }
        out.add(new Statement.Assign(step.name(), new Expr.Apply(ScalarFn.FMA, args)));
      }
    }
    return out;
  }

  /// The element that every lane of a product takes, if `step` adds such a one.
  private static @Nullable Element element(Statement.Assign step) {
    return step.value() instanceof Expr.Apply(ScalarFn fn, List<Expr> args)
            && fn == ScalarFn.FMA
            && args.getFirst() instanceof Expr.Splat(Expr.Load(int buffer, Dim at))
        ? new Element(buffer, at)
        : null;
  }
}
