package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A function whose numbers are parameters: the first element that it uses of each buffer, the
/// distances between the others, the turns of its loops. Only loops over values and stores are
/// lifted, not choices, calls or computed indices.
///
/// @param function the function, for the buffers of its kernel
/// @param given what each parameter is, over the parameters that it had before
/// @param before these
record Lifted(Function function, List<Dim> given, List<String> before) {
  static Optional<Lifted> of(LoopKernel kernel, Function function) {
    Lifting lifting = new Lifting(kernel, function);
    List<Statement> body = lifting.statements(function.body());
    if (lifting.failed) {
      return Optional.empty();
    }
    return Optional.of(
        new Lifted(
            new Function(function.name(), List.copyOf(lifting.given.keySet()), body, true),
            List.copyOf(lifting.given.values()),
            function.params()));
  }

  /// The arguments of a call that had `args` before.
  List<Dim> args(List<Dim> args) {
    Map<String, Dim> bound = new HashMap<>();
    for (int i = 0; i < before.size(); i++) {
      bound.put(before.get(i), args.get(i));
    }
    return given.stream().map(dim -> dim.substitute(bound)).toList();
  }

  private static final class Lifting {
    /// Distances up to this many of a known one are multiples of it.
    private static final int MOST_TIMES = 16;

    private final Set<String> params;
    private final Map<Integer, String> letters = new LinkedHashMap<>();
    private final Map<String, Dim> given = new LinkedHashMap<>();
    private final Map<Integer, Dim> first = new HashMap<>();
    private final Map<String, List<String>> units = new HashMap<>();
    private final Map<String, String> locals = new HashMap<>();
    private final Set<String> loops = new LinkedHashSet<>();
    private final Set<String> names = new HashSet<>();
    private boolean failed;

    Lifting(LoopKernel kernel, Function function) {
      this.params = Set.copyOf(function.params());
      names.addAll(kernel.sizes());
    }

    private List<Statement> statements(List<Statement> body) {
      List<Statement> out = new ArrayList<>();
      for (Statement statement : body) {
        Statement next = failed ? null : statement(statement);
        if (next != null) {
          out.add(next);
        }
      }
      return out;
    }

    private @Nullable Statement statement(Statement statement) {
      return switch (statement) {
        case Statement.For(String index, Dim from, Dim to, Dim step, List<Statement> body) -> {
          if (!from.is(0) || !step.is(1) || !isKnownOutside(to)) {
            yield fail();
          }
          // One for each loop, even if two turn as often.
          String turns = fresh("turns");
          given.put(turns, to);
          loops.add(index);
          String called = rename(index, "k");
          List<Statement> inner = statements(body);
          loops.remove(index);
          yield new Statement.For(called, from, Dim.symbol(turns), step, inner);
        }
        case Statement.Let(String name, var type, Expr value) -> {
          Expr lifted = expr(value);
          String stem =
              switch (value) {
                case Expr.Load(int buffer, var at) -> letter(buffer);
                case Expr.LoadVector(int buffer, var at, var below) -> letter(buffer);
                case Expr.Splat(Expr.Local _) -> "s";
                default -> loops.isEmpty() ? "sum" : "v";
              };
          yield new Statement.Let(rename(name, stem), type, lifted);
        }
        case Statement.Assign(String name, Expr value) ->
            new Statement.Assign(local(name), expr(value));
        case Statement.Store(int buffer, Dim at, Expr value, Optional<Dim> below) -> {
          Expr lifted = expr(value);
          yield new Statement.Store(buffer, place(buffer, at), lifted, below.map(this::limit));
        }
        case Statement.Share _,
            Statement.Int _,
            Statement.IntOf _,
            Statement.If _,
            Statement.Call _ ->
            fail();
      };
    }

    private @Nullable Statement fail() {
      failed = true;
      return null;
    }

    private Expr expr(Expr expr) {
      return switch (expr) {
        case Expr.Local(String name) -> new Expr.Local(local(name));
        case Expr.Constant constant -> constant;
        case Expr.IndexValue value -> {
          failed = true;
          yield value;
        }
        case Expr.Load(int buffer, Dim at) -> new Expr.Load(buffer, place(buffer, at));
        case Expr.LoadVector(int buffer, Dim at, Optional<Dim> below) ->
            new Expr.LoadVector(buffer, place(buffer, at), below.map(this::limit));
        case Expr.Apply(var fn, List<Expr> args) ->
            new Expr.Apply(fn, args.stream().map(this::expr).toList());
        case Expr.Cast(var dtype, Expr arg) -> new Expr.Cast(dtype, expr(arg));
        case Expr.Bits(var dtype, Expr arg) -> new Expr.Bits(dtype, expr(arg));
        case Expr.Splat(Expr scalar) -> new Expr.Splat(expr(scalar));
        case Expr.JoinLanes(var reducer, Expr vector) -> new Expr.JoinLanes(reducer, expr(vector));
        case Expr.Head(var reducer, Expr vector, Dim limit) ->
            new Expr.Head(reducer, expr(vector), limit(limit));
      };
    }

    /// What a place is: the buffer's first one, and how far it lies from that.
    private Dim place(int buffer, Dim at) {
      Dim rest = at;
      Dim turning = Dim.ZERO;
      for (String loop : loops) {
        Dim each = rest.coefficient(loop);
        if (each == null) {
          failed = true;
          return at;
        }
        rest = rest.minus(each.times(Dim.symbol(loop)));
        turning = turning.plus(distance(buffer, each).times(Dim.symbol(local(loop))));
      }
      Dim start = rest;
      Dim base = first.computeIfAbsent(buffer, b -> start);
      return parameter(letter(buffer) + "First", base)
          .plus(distance(buffer, rest.minus(base)))
          .plus(turning);
    }

    /// A distance that is the same in all calls: `a + b * lanes`.
    private Dim distance(int buffer, Dim elements) {
      Dim lanes = elements.coefficient(LoopKernel.LANES);
      if (lanes == null || !isFixed(elements)) {
        failed = true;
        return elements;
      }
      Dim lane = Dim.symbol(LoopKernel.LANES);
      Dim rest = elements.minus(lanes.times(lane));
      return times(letter(buffer) + "Step", rest)
          .plus(times(letter(buffer) + "Panel", lanes).times(lane));
    }

    /// A number, if it is small, or some times a parameter.
    private Dim times(String stem, Dim number) {
      if (number.isConstant() && Math.abs(number.constant()) <= 4) {
        return number;
      }
      List<String> known = units.computeIfAbsent(stem, s -> new ArrayList<>());
      for (String unit : known) {
        for (long n = 1; n <= MOST_TIMES; n++) {
          if (Objects.requireNonNull(given.get(unit)).times(n).equals(number)) {
            return Dim.symbol(unit).times(n);
          }
        }
      }
      String unit = fresh(stem);
      given.put(unit, number);
      known.add(unit);
      return Dim.symbol(unit);
    }

    private Dim limit(Dim below) {
      if (!isKnownOutside(below)) {
        failed = true;
        return below;
      }
      return parameter("below", below);
    }

    /// The parameter that is `value`.
    private Dim parameter(String stem, Dim value) {
      for (Map.Entry<String, Dim> known : given.entrySet()) {
        if (known.getKey().startsWith(stem) && known.getValue().equals(value)) {
          return Dim.symbol(known.getKey());
        }
      }
      String name = fresh(stem);
      given.put(name, value);
      return Dim.symbol(name);
    }

    /// Whether a caller can tell: nothing of a loop is in it.
    private boolean isKnownOutside(Dim dim) {
      return dim.symbols().stream().noneMatch(loops::contains);
    }

    /// Whether it does not depend on what the function is called with.
    private boolean isFixed(Dim dim) {
      return isKnownOutside(dim) && dim.symbols().stream().noneMatch(params::contains);
    }

    private String letter(int buffer) {
      return letters.computeIfAbsent(
          buffer, b -> Character.toString('a' + Math.min(letters.size(), 25)));
    }

    private String rename(String name, String stem) {
      String fresh = fresh(stem);
      locals.put(name, fresh);
      return fresh;
    }

    private String local(String name) {
      return locals.getOrDefault(name, name);
    }

    private String fresh(String stem) {
      String name = stem;
      for (int i = 1; !names.add(name); i++) {
        name = stem + i;
      }
      return name;
    }
  }
}
