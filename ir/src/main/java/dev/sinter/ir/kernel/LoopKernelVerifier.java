package dev.sinter.ir.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Checks what holds of every [LoopKernel]:
///
/// * there is a driver, without parameters; functions have distinct names, call others with as many
///   arguments as those have parameters, never the driver, and never themselves, not even through
///   others;
/// * only the driver shares work, outside loops and other shares, and every store, its own or of
///   what it calls, is inside a share: else each part would write it;
/// * a name is declared once where it is in scope, and used in scope only: as an integer in sizes
///   and places, as a value in expressions. Functions see sizes and their parameters;
/// * a loop's step is positive whatever the sizes are;
/// * types fit: a local has its value's type, an assignment its local's, a store its buffer's;
///   functions, conversions and joins get what they take, all of it scalars or all of it vectors; a
///   condition is a scalar bool, a computed index a scalar integer;
/// * vectors are of 32-bit types or bool; in memory of 32-bit types only, and only a vector has a
///   number of lanes.
public final class LoopKernelVerifier {
  private final LoopKernel kernel;
  private final Map<String, Function> functions = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();

  private LoopKernelVerifier(LoopKernel kernel) {
    this.kernel = kernel;
  }

  /// What is wrong with `kernel`, a sentence each; empty if nothing is.
  public static List<String> faults(LoopKernel kernel) {
    LoopKernelVerifier verifier = new LoopKernelVerifier(kernel);
    verifier.check();
    return verifier.faults;
  }

  private void check() {
    if (kernel.functions().isEmpty()) {
      faults.add("there is no driver");
      return;
    }
    for (Function function : kernel.functions()) {
      if (functions.put(function.name(), function) != null) {
        faults.add("two functions are named " + function.name());
      }
    }
    Function driver = kernel.functions().getFirst();
    if (!driver.params().isEmpty()) {
      faults.add("the driver has parameters " + driver.params());
    }
    for (int i = 0; i < kernel.functions().size(); i++) {
      Function function = kernel.functions().get(i);
      Names names = new Names(new HashMap<>(), new HashMap<>());
      names.integer(LoopKernel.LANES);
      kernel.sizes().forEach(names::integer);
      function.params().forEach(names::integer);
      Place place = i == 0 ? Place.DRIVER : Place.FUNCTION;
      new Body(names, place).check(function.body());
      if (reaches(function.body(), function.name(), new HashSet<>())) {
        faults.add(function.name() + " calls itself");
      }
    }
  }

  /// Whether a call of `goal` is reached from `body`.
  private boolean reaches(List<Statement> body, String goal, Set<String> seen) {
    for (Statement statement : body) {
      if (statement instanceof Statement.Call call) {
        Function next = functions.get(call.function());
        if (call.function().equals(goal)
            || (next != null && seen.add(call.function()) && reaches(next.body(), goal, seen))) {
          return true;
        }
      }
      for (List<Statement> inner : bodies(statement)) {
        if (reaches(inner, goal, seen)) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<List<Statement>> bodies(Statement statement) {
    return switch (statement) {
      case Statement.For loop -> List.of(loop.body());
      case Statement.Share share -> List.of(share.body());
      case Statement.If choice -> List.of(choice.then(), choice.otherwise());
      case Statement.Int _,
          Statement.IntOf _,
          Statement.Let _,
          Statement.Assign _,
          Statement.Store _,
          Statement.Call _ ->
          List.of();
    };
  }

  /// Where a statement stands.
  private enum Place {
    /// In the driver, outside loops and shares.
    DRIVER,
    /// In a loop of the driver's, outside shares.
    LOOP,
    SHARE,
    FUNCTION
  }

  /// What is in scope: integers are among the keys of `integers`, values have a type.
  private final class Names {
    private final Map<String, Boolean> integers;
    private final Map<String, LoopKernel.Type> values;

    Names(Map<String, Boolean> integers, Map<String, LoopKernel.Type> values) {
      this.integers = integers;
      this.values = values;
    }

    Names inner() {
      return new Names(new HashMap<>(integers), new HashMap<>(values));
    }

    void integer(String name) {
      declare(name);
      integers.put(name, true);
    }

    void value(String name, LoopKernel.Type type) {
      declare(name);
      values.put(name, type);
    }

    private void declare(String name) {
      if (integers.containsKey(name) || values.containsKey(name)) {
        faults.add(name + " is declared twice");
      }
    }
  }

  /// One body.
  private final class Body {
    private final Names names;
    private final Place place;

    Body(Names names, Place place) {
      this.names = names;
      this.place = place;
    }

    void check(List<Statement> body) {
      body.forEach(this::check);
    }

    private Body inner(Place where) {
      return new Body(names.inner(), where);
    }

    private void check(Statement statement) {
      switch (statement) {
        case Statement.For(String index, Dim from, Dim to, Dim step, List<Statement> body) -> {
          integers(from, to, step);
          if (step.is(0) || step.terms().stream().anyMatch(t -> t.coefficient() < 0)) {
            faults.add("the step " + step + " of " + index + " is not positive");
          }
          Body inner = inner(place == Place.DRIVER ? Place.LOOP : place);
          inner.names.integer(index);
          inner.check(body);
        }
        case Statement.Share(String from, String to, Dim count, List<Statement> body) -> {
          integers(count);
          if (place != Place.DRIVER) {
            faults.add("work is shared in a loop, a share or a function");
          }
          Body inner = inner(Place.SHARE);
          inner.names.integer(from);
          inner.names.integer(to);
          inner.check(body);
        }
        case Statement.Int(String name, Dim value) -> {
          integers(value);
          names.integer(name);
        }
        case Statement.IntOf(String name, Expr value, Dim limit) -> {
          integers(limit);
          type(value)
              .filter(type -> type.vector() || !type.dtype().isInteger())
              .ifPresent(type -> faults.add(name + " counts in " + text(type)));
          names.integer(name);
        }
        case Statement.Let(String name, LoopKernel.Type type, Expr value) -> {
          same("the local " + name, type, type(value));
          vector(type);
          names.value(name, type);
        }
        case Statement.Assign(String name, Expr value) -> {
          Optional<LoopKernel.Type> type = type(value);
          LoopKernel.Type declared = names.values.get(name);
          if (declared == null) {
            faults.add(name + " is assigned, and no local");
          } else {
            same("the local " + name, declared, type);
          }
        }
        case Statement.Store store -> store(store);
        case Statement.If(Expr condition, List<Statement> then, List<Statement> otherwise) -> {
          same("a condition", new LoopKernel.Type(DType.BOOL, false), type(condition));
          inner(place).check(then);
          inner(place).check(otherwise);
        }
        case Statement.Call(String name, List<Dim> args) -> {
          args.forEach(this::integers);
          Function function = functions.get(name);
          if (function == null || name.equals(kernel.functions().getFirst().name())) {
            faults.add("no function to call is named " + name);
          } else if (function.params().size() != args.size()) {
            faults.add(name + " takes " + function.params() + ", not " + args);
          }
          if (place == Place.DRIVER || place == Place.LOOP) {
            faults.add(name + " is called outside a share");
          }
        }
      }
    }

    private void store(Statement.Store store) {
      integers(store.at());
      store.lanesBelow().ifPresent(this::integers);
      if (place == Place.DRIVER || place == Place.LOOP) {
        faults.add("a store to " + store.buffer() + " is outside a share");
      }
      Optional<LoopKernel.Type> type = type(store.value());
      Optional<DType> dtype = buffer(store.buffer());
      if (type.isEmpty() || dtype.isEmpty()) {
        return;
      }
      boolean vector = type.get().vector();
      if (type.get().dtype() != dtype.get() || (vector && dtype.get() == DType.BOOL)) {
        faults.add(text(type.get()) + " is stored to " + kernel.buffers().get(store.buffer()));
      }
      if (store.lanesBelow().isPresent() && !vector) {
        faults.add("a scalar is stored to lanes below " + store.lanesBelow().get());
      }
    }

    private Optional<DType> buffer(int number) {
      if (number < 0 || number >= kernel.buffers().size()) {
        faults.add("there is no buffer " + number);
        return Optional.empty();
      }
      return Optional.of(kernel.buffers().get(number).dtype());
    }

    private void integers(Dim... dims) {
      for (Dim dim : dims) {
        for (String symbol : dim.symbols()) {
          if (!names.integers.containsKey(symbol)) {
            faults.add("no integer " + symbol + " is in scope");
          }
        }
      }
    }

    private void same(String what, LoopKernel.Type wanted, Optional<LoopKernel.Type> found) {
      found
          .filter(type -> !type.equals(wanted))
          .ifPresent(type -> faults.add(what + " is " + text(wanted) + ", not " + text(type)));
    }

    private void vector(LoopKernel.Type type) {
      if (type.vector() && type.dtype() != DType.BOOL && !isWide(type.dtype())) {
        faults.add("there are no vectors of " + type.dtype());
      }
    }

    /// The type of an expression whose parts are sound; none, with a fault, if they are not.
    private Optional<LoopKernel.Type> type(Expr expr) {
      int before = faults.size();
      Optional<LoopKernel.Type> found =
          switch (expr) {
            case Expr.Local(String name) -> {
              if (!names.values.containsKey(name)) {
                faults.add("no local " + name + " is in scope");
              }
              yield Optional.ofNullable(names.values.get(name));
            }
            case Expr.Constant(Elem.Literal literal) ->
                Optional.of(new LoopKernel.Type(literal.dtype(), false));
            case Expr.IndexValue(DType dtype, Dim value, Optional<Dim> stride) -> {
              integers(value);
              stride.ifPresent(this::integers);
              yield Optional.of(new LoopKernel.Type(dtype, stride.isPresent()));
            }
            case Expr.Load(int buffer, Dim at) -> {
              integers(at);
              yield buffer(buffer).map(dtype -> new LoopKernel.Type(dtype, false));
            }
            case Expr.LoadVector(int buffer, Dim at, Optional<Dim> below) -> {
              integers(at);
              below.ifPresent(this::integers);
              Optional<DType> dtype = buffer(buffer);
              dtype
                  .filter(d -> !isWide(d))
                  .ifPresent(d -> faults.add("a vector of " + d + " is loaded"));
              yield dtype.map(d -> new LoopKernel.Type(d, true));
            }
            case Expr.Apply(ScalarFn fn, List<Expr> args) -> apply(fn, args);
            case Expr.Cast(DType dtype, Expr arg) ->
                type(arg).map(type -> new LoopKernel.Type(dtype, type.vector()));
            case Expr.Bits(DType dtype, Expr arg) -> {
              Optional<LoopKernel.Type> type = type(arg);
              type.filter(t -> !isWide(t.dtype()) || !isWide(dtype))
                  .ifPresent(t -> faults.add("bits of " + t.dtype() + " as " + dtype));
              yield type.map(t -> new LoopKernel.Type(dtype, t.vector()));
            }
            case Expr.Splat(Expr scalar) -> {
              Optional<LoopKernel.Type> type = type(scalar);
              type.filter(LoopKernel.Type::vector).ifPresent(t -> faults.add("a vector is splat"));
              yield type.map(t -> new LoopKernel.Type(t.dtype(), true));
            }
            case Expr.JoinLanes(Reducer reducer, Expr vector) ->
                lanes(reducer, vector).map(type -> new LoopKernel.Type(type.dtype(), false));
            case Expr.Head(Reducer reducer, Expr vector, Dim limit) -> {
              integers(limit);
              yield lanes(reducer, vector);
            }
          };
      found.ifPresent(this::vector);
      return faults.size() == before ? found : Optional.empty();
    }

    private Optional<LoopKernel.Type> apply(ScalarFn fn, List<Expr> args) {
      List<LoopKernel.Type> types = new ArrayList<>();
      args.forEach(arg -> type(arg).ifPresent(types::add));
      if (types.size() < args.size()) {
        return Optional.empty();
      }
      if (types.size() != fn.arity()) {
        faults.add(fn + " takes " + fn.arity() + " arguments, not " + types.size());
        return Optional.empty();
      }
      boolean vector = types.getFirst().vector();
      if (types.stream().anyMatch(type -> type.vector() != vector)) {
        faults.add(fn + " is of scalars and vectors");
        return Optional.empty();
      }
      try {
        return Optional.of(
            new LoopKernel.Type(
                fn.result(types.stream().map(LoopKernel.Type::dtype).toList()), vector));
      } catch (IllegalArgumentException e) {
        faults.add(String.valueOf(e.getMessage()));
        return Optional.empty();
      }
    }

    /// What joins the lanes of a vector, or is to join some of them later.
    private Optional<LoopKernel.Type> lanes(Reducer reducer, Expr vector) {
      Optional<LoopKernel.Type> type = type(vector);
      boolean logical = reducer == Reducer.ANY || reducer == Reducer.ALL;
      type.filter(t -> !t.vector() || logical != (t.dtype() == DType.BOOL))
          .ifPresent(t -> faults.add("the lanes of " + text(t) + " are joined by " + reducer));
      return type;
    }
  }

  private static String text(LoopKernel.Type type) {
    return type.vector() ? "a vector of " + type.dtype() : "a scalar of " + type.dtype();
  }

  /// Whether vectors of a type can lie in memory.
  private static boolean isWide(DType dtype) {
    return dtype == DType.F32 || dtype == DType.I32 || dtype == DType.U32;
  }
}
