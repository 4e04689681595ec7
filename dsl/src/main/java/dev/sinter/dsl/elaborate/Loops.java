package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Loop;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.While;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `scan`, `while` and `if`: at compile time where they can be, else as nodes with regions.
final class Loops {
  private static final long LONGEST_UNROLLED = 10_000;

  /// The type of the number of a turn.
  static final TensorType INDEX = TensorType.of(DType.I32, new Dim[0]);

  private final Elaboration all;

  Loops(Elaboration all) {
    this.all = all;
  }

  /// The elements of a compile-time `each`.
  List<Datum> walked(Loop.Each each, Scope scope, @Nullable Build build) {
    List<Datum> out = new ArrayList<>();
    if (each.to() != null) {
      long from = all.expressions().integer(each.from(), scope, build);
      long to = all.expressions().integer(each.to(), scope, build);
      if (to - from > LONGEST_UNROLLED) {
        throw Faults.of(
            DiagnosticCode.SIZE_TOO_LARGE,
            each.span(),
            "a list of " + (to - from) + " elements; the limit is " + LONGEST_UNROLLED);
      }
      for (long i = from; i < to; i++) {
        out.add(new Datum.Size(Dim.of(i)));
      }
      return out;
    }
    Datum value = all.expressions().eval(each.from(), scope, build);
    if (value instanceof Datum.Many(List<Datum> elements)) {
      return elements;
    }
    throw Faults.of(
        DiagnosticCode.WRONG_KIND, each.span(), "expected a list, found " + value.kind());
  }

  /// `scan (x in xs, i in 0..n) with (h = h0) { ... }`.
  Datum scan(Expr.Scan scan, Scope scope, Build build) {
    for (Loop.Each each : scan.eaches()) {
      if (each.to() == null
          && all.expressions().eval(each.from(), scope, build) instanceof Datum.Many) {
        return unrolled(scan, scope, build);
      }
    }
    Map<String, Value> initial = new LinkedHashMap<>();
    for (Loop.Carry carry : scan.carries()) {
      Datum first = all.expressions().eval(carry.initial(), scope, build);
      initial.put(carry.name().text(), Arithmetic.tensor(first, DType.F32, carry.span(), build));
    }
    List<Value> walked = new ArrayList<>();
    Dim steps = null;
    for (Loop.Each each : scan.eaches()) {
      Dim length;
      if (each.to() == null) {
        Value tensor = all.expressions().tensor(each.from(), scope, build);
        if (tensor.type().rank() == 0) {
          throw Faults.of(DiagnosticCode.RANKS_DIFFER, each.span(), "a scalar has nothing to walk");
        }
        walked.add(tensor);
        length = tensor.type().dim(0);
      } else {
        length =
            all.expressions()
                .size(each.to(), scope, build)
                .minus(all.expressions().size(each.from(), scope, build));
      }
      if (steps != null && !build.facts().equal(steps, length)) {
        throw Faults.of(
            DiagnosticCode.SIZES_DIFFER,
            each.span(),
            "this walks " + length + " steps, the one before it " + steps);
      }
      steps = steps == null ? length : steps;
    }
    return loop(scan, scope, build, initial, walked, Objects.requireNonNull(steps));
  }

  private Datum loop(
      Expr.Scan scan,
      Scope scope,
      Build build,
      Map<String, Value> initial,
      List<Value> walked,
      Dim steps) {
    GraphBuilder inner = build.builder().nested();
    Value turn = inner.parameter(INDEX, "turn");
    Scope own = scope.inner();
    initial.forEach(
        (name, value) -> own.define(name, new Datum.Tensor(inner.parameter(value.type(), name))));
    int next = 0;
    for (Loop.Each each : scan.eaches()) {
      if (each.to() == null) {
        TensorType type = walked.get(next++).type();
        List<Dim> shape = type.shape().subList(1, type.rank());
        own.define(
            each.name().text(),
            new Datum.Tensor(inner.parameter(type.withShape(shape), each.name().text())));
      }
    }
    LoopTurn body = new LoopTurn(all, scan.carries());
    List<Value> results = new ArrayList<>();
    build.enter(inner, turn);
    try {
      for (Loop.Each each : scan.eaches()) {
        if (each.to() != null) {
          Datum from = all.expressions().eval(each.from(), scope, build);
          own.define(
              each.name().text(),
              Arithmetic.apply(
                  BinaryOperator.ADD, new Datum.Tensor(turn), from, each.span(), build));
        }
      }
      Scope inside = own.inner();
      scan.body().statements().forEach(s -> all.statements().run(s, inside, build, body, "scan"));
      initial.forEach((name, value) -> {
        Datum after = body.after(name, Objects.requireNonNull(own.find(name)));
        results.add(
            Arithmetic.tensor(
                all.results()
                    .conform(
                        after,
                        value.type(),
                        build,
                        "the next `" + name + "`",
                        scan.span(),
                        scan.span()),
                DType.F32,
                scan.span(),
                build));
      });
      results.addAll(Statements.tensors(body.emitted(), scan.span(), build));
    } finally {
      build.leave();
    }
    Region region = inner.region(results);
    List<Value> operands = new ArrayList<>(initial.values());
    operands.addAll(walked);
    operands.addAll(inner.captured());
    Node node =
        build
            .builder()
            .add(new Scan(steps, initial.size(), walked.size()), operands, List.of(region), "scan");
    return Datum.results(node);
  }

  /// A scan over a list of modules, a turn at a time.
  private Datum unrolled(Expr.Scan scan, Scope scope, Build build) {
    List<List<Datum>> walked = new ArrayList<>();
    int steps = -1;
    for (Loop.Each each : scan.eaches()) {
      List<Datum> elements = elements(each, scope, build);
      if (steps >= 0 && elements.size() != steps) {
        throw Faults.of(
            DiagnosticCode.SIZES_DIFFER,
            each.span(),
            "this walks " + elements.size() + " steps, the one before it " + steps);
      }
      steps = elements.size();
      walked.add(elements);
    }
    Map<String, Datum> carried = new LinkedHashMap<>();
    for (Loop.Carry carry : scan.carries()) {
      carried.put(carry.name().text(), all.expressions().eval(carry.initial(), scope, build));
    }
    List<List<Value>> emitted = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      Scope own = scope.inner();
      carried.forEach(own::define);
      for (int i = 0; i < walked.size(); i++) {
        own.define(scan.eaches().get(i).name().text(), walked.get(i).get(step));
      }
      Scope inside = own.inner();
      LoopTurn body = new LoopTurn(all, scan.carries());
      String path = "scan." + step;
      scan.body().statements().forEach(s -> all.statements().run(s, inside, build, body, path));
      carried.replaceAll(body::after);
      emitted.add(Statements.tensors(body.emitted(), scan.span(), build));
    }
    List<Datum> values = new ArrayList<>(carried.values());
    int count = emitted.isEmpty() ? 0 : emitted.getFirst().size();
    for (int i = 0; i < count; i++) {
      int which = i;
      List<Value> parts = emitted.stream().map(e -> e.get(which)).toList();
      values.add(new Datum.Tensor(Subscripts.stack(parts, build)));
    }
    return Datum.results(values, List.of());
  }

  private List<Datum> elements(Loop.Each each, Scope scope, Build build) {
    if (each.to() == null
        && all.expressions().eval(each.from(), scope, build) instanceof Datum.Tensor(Value t)
        && t.type().rank() > 0
        && t.type().dim(0).isConstant()) {
      List<Datum> slices = new ArrayList<>();
      for (long i = 0; i < t.type().dim(0).constant(); i++) {
        slices.add(new Datum.Tensor(Subscripts.at(t, 0, Dim.of(i), build)));
      }
      return slices;
    }
    return walked(each, scope, build);
  }

  /// `while (c, max = 64) with (n = 0) { ... }`.
  Datum repeat(Expr.While loop, Scope scope, Build build) {
    if (loop.bound() == null || loop.bound().name() == null) {
      throw new Fault(
          Diagnostic.error(DiagnosticCode.WRONG_ARGUMENTS, loop.span(), "a `while` has a limit")
              .help("write `while (condition, max = 64) with (...)`"));
    }
    long limit = all.expressions().integer(loop.bound().value(), scope, build);
    List<Value> initial = new ArrayList<>();
    for (Loop.Carry carry : loop.carries()) {
      Datum first = all.expressions().eval(carry.initial(), scope, build);
      DType beside = first instanceof Datum.Size ? DType.I32 : DType.F32;
      initial.add(Arithmetic.tensor(first, beside, carry.span(), build));
    }
    GraphBuilder test = build.builder().nested();
    Value condition = inside(test, loop, initial, scope, build, null).getFirst();
    GraphBuilder inner = build.builder().nested();
    List<Value> next =
        inside(inner, loop, initial, scope, build, new LoopTurn(all, loop.carries()));
    // Both regions take the same values from outside.
    inner.captured();
    for (Value captured : test.captured()) {
      inner.use(captured);
    }
    for (Value captured : inner.captured()) {
      test.use(captured);
    }
    List<Value> order = inner.captured();
    List<Value> operands = new ArrayList<>(initial);
    operands.addAll(order);
    Region body = inner.region(next);
    Region check = test.region(List.of(condition), order);
    Node node =
        build
            .builder()
            .add(new While(initial.size(), limit, false), operands, List.of(check, body), "while");
    return Datum.results(node);
  }

  private List<Value> inside(
      GraphBuilder inner,
      Expr.While loop,
      List<Value> initial,
      Scope scope,
      Build build,
      @Nullable LoopTurn body) {
    Scope own = scope.inner();
    for (int i = 0; i < initial.size(); i++) {
      String name = loop.carries().get(i).name().text();
      own.define(name, new Datum.Tensor(inner.parameter(initial.get(i).type(), name)));
    }
    build.enter(inner, inner.fill(INDEX, 0));
    try {
      if (body == null) {
        return List.of(all.expressions().tensor(loop.condition(), own, build));
      }
      Scope inside = own.inner();
      loop.body().statements().forEach(s -> all.statements().run(s, inside, build, body, "while"));
      List<Value> next = new ArrayList<>();
      for (int i = 0; i < initial.size(); i++) {
        String name = loop.carries().get(i).name().text();
        Datum after = body.after(name, Objects.requireNonNull(own.find(name)));
        Datum conformed =
            all.results()
                .conform(
                    after,
                    initial.get(i).type(),
                    build,
                    "the next `" + name + "`",
                    loop.span(),
                    loop.carries().get(i).span());
        next.add(Arithmetic.tensor(conformed, DType.F32, loop.span(), build));
      }
      return next;
    } finally {
      build.leave();
    }
  }
}
