package dev.sinter.codegen.java.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the body of an innermost loop reads and writes.
///
/// @param accesses each place once
/// @param limits of vectors that are cut short: how many lanes take part
/// @param inner the integers that are computed inside the loop
/// @param accumulators how many vectors are carried from turn to turn
record LoopAccesses(Set<Access> accesses, Set<Limit> limits, Set<String> inner, int accumulators) {
  /// An element that is read or written, or the first one of a vector that is read.
  record Access(int buffer, Dim at, boolean vector) {}

  /// The lanes below `below`, of a vector in a buffer.
  record Limit(int buffer, Dim below) {}

  /// What `loop` accesses, if no loop or call is inside it; `locals` are those from outside.
  static Optional<LoopAccesses> of(Statement.For loop, Map<String, LoopKernel.Type> locals) {
    Collector collector = new Collector(locals);
    boolean flat = collector.all(loop.body());
    return flat
        ? Optional.of(
            new LoopAccesses(
                collector.accesses,
                collector.limits,
                collector.inner,
                collector.accumulators.size()))
        : Optional.empty();
  }

  /// Whether an expression is the same in every turn, given the loop's index.
  boolean isInvariant(Dim dim, String index) {
    return !dim.symbols().contains(index) && dim.symbols().stream().noneMatch(inner::contains);
  }

  /// Whether a turn of `loop` does nothing but carry vectors on, some of them several times: those
  /// of a window whose columns are written out.
  boolean carriesOnAgain(Statement.For loop) {
    long steps = loop.body().stream().filter(s -> s instanceof Statement.Assign).count();
    return accumulators > 0
        && steps > accumulators
        && loop.body().stream()
            .allMatch(s ->
                s instanceof Statement.Assign
                    || (s instanceof Statement.Let let && let.type().vector()));
  }

  private static final class Collector {
    private final Map<String, LoopKernel.Type> locals;
    private final Set<Access> accesses = new LinkedHashSet<>();
    private final Set<Limit> limits = new LinkedHashSet<>();
    private final Set<String> inner = new HashSet<>();
    private final Set<String> accumulators = new HashSet<>();

    Collector(Map<String, LoopKernel.Type> locals) {
      this.locals = locals;
    }

    private boolean all(List<Statement> body) {
      boolean flat = true;
      for (Statement statement : body) {
        flat &= one(statement);
      }
      return flat;
    }

    private boolean one(Statement statement) {
      switch (statement) {
        case Statement.For _, Statement.Share _, Statement.Call _ -> {
          return false;
        }
        case Statement.Int local -> inner.add(local.name());
        case Statement.IntOf local -> {
          inner.add(local.name());
          expr(local.value());
        }
        case Statement.Let local -> expr(local.value());
        case Statement.Assign assign -> {
          LoopKernel.Type type = locals.get(assign.name());
          if (type != null && type.vector()) {
            accumulators.add(assign.name());
          }
          expr(assign.value());
        }
        case Statement.Store store -> {
          accesses.add(new Access(store.buffer(), store.at(), false));
          store.lanesBelow().ifPresent(l -> limits.add(new Limit(store.buffer(), l)));
          expr(store.value());
        }
        case Statement.If choice -> {
          expr(choice.condition());
          boolean then = all(choice.then());
          return all(choice.otherwise()) && then;
        }
      }
      return true;
    }

    private void expr(Expr expr) {
      switch (expr) {
        case Expr.Load(int buffer, Dim at) -> accesses.add(new Access(buffer, at, false));
        case Expr.LoadVector(int buffer, Dim at, Optional<Dim> below) -> {
          accesses.add(new Access(buffer, at, true));
          below.ifPresent(l -> limits.add(new Limit(buffer, l)));
        }
        case Expr.Local _, Expr.Constant _, Expr.IndexValue _ -> {}
        case Expr.Apply _,
            Expr.Cast _,
            Expr.Bits _,
            Expr.Splat _,
            Expr.JoinLanes _,
            Expr.Head _ -> {}
      }
      expr.parts().forEach(this::expr);
    }
  }
}
