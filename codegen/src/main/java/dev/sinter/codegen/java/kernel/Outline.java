package dev.sinter.codegen.java.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.ScalarExpansion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A loop, with the vectors and bounds that stand before it and what they are joined to behind it,
/// that becomes a method of its own. C2 stops inlining once a method has grown to a certain number
/// of nodes, and takes the vectors of what it did not inline as objects, in each turn.
///
/// @param from the first statement
/// @param to the statement behind the last
/// @param ints the integers that it reads of what stands around it
/// @param scalars the locals that it reads of what stands around it, all scalars
/// @param result the scalar that is read afterwards, if there is one
record Outline(
    int from, int to, List<String> ints, List<String> scalars, Optional<Statement.Let> result) {
  /// C2 inlines no more once it has made 18,000 nodes, and makes more than 400 of an operation on
  /// vectors; source: `docs/CPU.md`.
  private static final int MOST_OPERATIONS = 40;

  /// The loops of `body` that become methods: all that can, where several loops follow one another
  /// that have more operations on vectors together than C2 inlines, or a function that it makes
  /// many nodes of.
  ///
  /// @param outer the locals around it
  /// @param sizes the symbols that every method gets
  static List<Outline> of(
      List<Statement> body, Map<String, LoopKernel.Type> outer, List<String> sizes) {
    long loops = body.stream().filter(s -> s instanceof Statement.For).count();
    Reads all = new Reads();
    body.forEach(all::statement);
    if (loops < 2 || !(all.large || all.vectorOperations() > MOST_OPERATIONS)) {
      return List.of();
    }
    List<Outline> found = new ArrayList<>();
    int end = 0;
    for (int i = 0; i < body.size(); i++) {
      if (body.get(i) instanceof Statement.For) {
        Optional<Outline> outline = around(body, i, end, outer, sizes);
        outline.ifPresent(found::add);
        end = outline.map(Outline::to).orElse(i + 1);
      }
    }
    return found;
  }

  private static Optional<Outline> around(
      List<Statement> body,
      int loop,
      int end,
      Map<String, LoopKernel.Type> outer,
      List<String> sizes) {
    int from = loop;
    while (from > end && startsLoop(body.get(from - 1))) {
      from--;
    }
    int to = loop + 1;
    // What the loop leaves over is done behind it, with the same vectors.
    while (to < body.size() && readsVector(body.get(to), body.subList(from, to))) {
      to++;
    }
    Reads after = new Reads();
    body.subList(to, body.size()).forEach(after::statement);
    while (body.get(from) instanceof Statement.Int local && after.ints.contains(local.name())) {
      from++;
    }
    Reads inside = new Reads();
    body.subList(from, to).forEach(inside::statement);
    List<Statement.Let> results = new ArrayList<>();
    for (Statement statement : body.subList(from, to)) {
      if (statement instanceof Statement.Let let && after.locals.contains(let.name())) {
        results.add(let);
      }
    }
    Set<String> scalars = new LinkedHashSet<>(inside.locals);
    scalars.removeAll(inside.defined);
    Set<String> known = new HashSet<>();
    for (Statement statement : body.subList(0, from)) {
      if (statement instanceof Statement.Let let && !let.type().vector()) {
        known.add(let.name());
      }
    }
    boolean passable =
        scalars.stream()
            .allMatch(s -> known.contains(s) || (outer.containsKey(s) && !outer.get(s).vector()));
    boolean integers =
        body.subList(from, to).stream()
            .anyMatch(s ->
                s instanceof Statement.IntOf
                    || (s instanceof Statement.Int local && after.ints.contains(local.name())));
    boolean one =
        !integers && results.size() <= 1 && results.stream().noneMatch(r -> r.type().vector());
    if (!passable || !one || inside.calls || !inside.defined.containsAll(inside.assigned)) {
      return Optional.empty();
    }
    Set<String> ints = new LinkedHashSet<>(inside.ints);
    ints.removeAll(inside.defined);
    ints.removeAll(sizes);
    ints.remove(LoopKernel.LANES);
    return Optional.of(
        new Outline(
            from, to, List.copyOf(ints), List.copyOf(scalars), results.stream().findFirst()));
  }

  /// Whether a statement before a loop belongs to it: a vector that it goes on with, or a bound.
  private static boolean startsLoop(Statement statement) {
    return statement instanceof Statement.Int
        || (statement instanceof Statement.Let let && let.type().vector());
  }

  private static boolean readsVector(Statement statement, List<Statement> before) {
    Reads reads = new Reads();
    reads.statement(statement);
    return before.stream()
        .anyMatch(s ->
            s instanceof Statement.Let other
                && other.type().vector()
                && reads.locals.contains(other.name()));
  }

  /// What statements read and define.
  private static final class Reads {
    private final Set<String> locals = new LinkedHashSet<>();
    private final Set<String> ints = new LinkedHashSet<>();
    private final Set<String> defined = new HashSet<>();
    private final Set<String> assigned = new HashSet<>();
    private boolean calls;
    private boolean large;

    private int operations;
    private boolean vectors;

    /// Scalars among them count too, as they stand by the way.
    int vectorOperations() {
      return vectors ? operations : 0;
    }

    void statement(Statement statement) {
      switch (statement) {
        case Statement.For(String index, Dim from, Dim to, Dim step, List<Statement> body) -> {
          defined.add(index);
          dims(from, to, step);
          body.forEach(this::statement);
        }
        case Statement.Share(String from, String to, Dim count, List<Statement> body) -> {
          calls = true;
          defined.add(from);
          defined.add(to);
          dims(count);
          body.forEach(this::statement);
        }
        case Statement.Int(String name, Dim value) -> {
          defined.add(name);
          dims(value);
        }
        case Statement.IntOf(String name, Expr value, Dim limit) -> {
          defined.add(name);
          dims(limit);
          expr(value);
        }
        case Statement.Let(String name, var type, Expr value) -> {
          defined.add(name);
          expr(value);
        }
        case Statement.Assign(String name, Expr value) -> {
          locals.add(name);
          assigned.add(name);
          expr(value);
        }
        case Statement.Store(int buffer, Dim at, Expr value, Optional<Dim> below) -> {
          dims(at);
          below.ifPresent(this::dims);
          operations++;
          expr(value);
        }
        case Statement.If(Expr condition, List<Statement> then, List<Statement> otherwise) -> {
          expr(condition);
          then.forEach(this::statement);
          otherwise.forEach(this::statement);
        }
        case Statement.Call(String function, List<Dim> args) -> {
          calls = true;
          dims(args.toArray(Dim[]::new));
        }
      }
    }

    private void dims(Dim... dims) {
      for (Dim dim : dims) {
        ints.addAll(dim.symbols());
      }
    }

    private void expr(Expr expr) {
      switch (expr) {
        case Expr.Local(String name) -> locals.add(name);
        case Expr.Constant constant -> {}
        case Expr.IndexValue(var dtype, Dim value, Optional<Dim> stride) -> {
          dims(value);
          stride.ifPresent(this::dims);
        }
        case Expr.Load(int buffer, Dim at) -> dims(at);
        case Expr.LoadVector(int buffer, Dim at, Optional<Dim> below) -> {
          operations++;
          vectors = true;
          dims(at);
          below.ifPresent(this::dims);
        }
        case Expr.Apply(var fn, List<Expr> args) -> {
          operations++;
          large |= ScalarExpansion.of(fn).isPresent();
        }
        case Expr.Head(var reducer, Expr vector, Dim limit) -> dims(limit);
        case Expr.Cast _, Expr.Bits _, Expr.Splat _, Expr.JoinLanes _ -> {}
      }
      expr.parts().forEach(this::expr);
    }
  }
}
