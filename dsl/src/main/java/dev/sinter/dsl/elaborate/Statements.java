package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Keys;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The statements of functions, steps and loops.
final class Statements {
  private final Elaboration all;

  Statements(Elaboration all) {
    this.all = all;
  }

  /// Receives what only some bodies may have; each answers whether it took the statement.
  interface Receiver {
    /// `next name = value`.
    boolean next(Statement.Next next, Scope scope, Build build);

    /// `emit value`.
    boolean emit(Statement.Emit emit, Scope scope, Build build);

    /// `minimize ...`.
    boolean minimize(Statement.Minimize minimize, Scope scope, Build build);
  }

  /// Runs the body of a function and answers what it returns. New states take effect at its end.
  Datum run(
      Body.Block block,
      Scope scope,
      Build build,
      @Nullable TensorType expected,
      @Nullable ModuleInstance instance) {
    StateUpdates updates = new StateUpdates(all, instance);
    for (Statement statement : block.statements()) {
      if (statement instanceof Statement.Return result) {
        Datum value = all.expressions().eval(result.value(), scope, build, expected);
        updates.commit(build);
        return value;
      }
      run(statement, scope, build, updates, instance == null ? "" : instance.path());
    }
    throw new Fault(
        Diagnostic.error(
                DiagnosticCode.MISSING_RETURN, block.span(), "the body ends without `return`")
            .help("end it with `return` and the result"));
  }

  /// Runs one statement.
  void run(Statement statement, Scope scope, Build build, Receiver receiver, String path) {
    switch (statement) {
      case Statement.TypedLet let -> {
        TensorType type = all.types().resolve(let.type(), scope, build);
        Datum value = all.expressions().eval(let.value(), scope, build, type);
        define(
            let.name(),
            all.results()
                .conform(
                    value,
                    type,
                    build,
                    "`" + let.name().text() + "`",
                    let.value().span(),
                    let.type().span()),
            scope);
      }
      case Statement.Let let -> {
        Datum value = all.expressions().eval(let.value(), scope, build);
        names(let.names(), value, scope, let.span());
      }
      case Statement.IndexLet let ->
          define(let.name(), all.indexNotation().define(let, scope, build), scope);
      case Statement.SizeLet let -> define(let.name(), size(let, scope, build), scope);
      case Keys keys ->
          keys.names()
              .forEach(name ->
                  define(
                      name,
                      new Datum.Key(
                          new KeySource.Place(path + "." + name.text(), name.span(), true)),
                      scope));
      case Statement.Next next -> {
        if (!receiver.next(next, scope, build)) {
          throw misplaced("next", next.span());
        }
      }
      case Statement.Emit emit -> {
        if (!receiver.emit(emit, scope, build)) {
          throw misplaced("emit", emit.span());
        }
      }
      case Statement.Minimize minimize -> {
        if (!receiver.minimize(minimize, scope, build)) {
          throw misplaced("minimize", minimize.span());
        }
      }
      case Statement.Return result -> throw misplaced("return", result.span());
    }
  }

  /// The size that a run tells. It may be 0, as no other size may.
  private Datum size(Statement.SizeLet let, Scope scope, Build build) {
    Dim most = all.expressions().size(let.most(), scope, build);
    TensorType type = TensorType.of(DType.I64, new long[0]);
    Span span = let.value().span();
    Datum count =
        all.results()
            .conform(
                all.expressions().eval(let.value(), scope, build, type),
                type,
                build,
                "the size `" + let.name().text() + "`",
                span,
                let.name().span());
    Value told = Arithmetic.tensor(count, DType.I64, span, build);
    return new Datum.Size(build.builder().size(let.name().text(), told, most));
  }

  private static Fault misplaced(String word, Span span) {
    return Faults.of(
        DiagnosticCode.MISPLACED_STATEMENT, span, "`" + word + "` has no meaning here");
  }

  private void names(List<Name> names, Datum value, Scope scope, Span span) {
    if (names.size() == 1) {
      define(names.getFirst(), value, scope);
      return;
    }
    List<Datum> values =
        switch (value) {
          case Datum.Tuple(List<Datum> elements, List<String> given) -> elements;
          case Datum.Many(List<Datum> elements) -> elements;
          default -> List.of(value);
        };
    if (values.size() != names.size()) {
      throw Faults.of(
          DiagnosticCode.WRONG_RESULT,
          span,
          names.size()
              + " names for "
              + values.size()
              + (values.size() == 1 ? " value" : " values"));
    }
    for (int i = 0; i < values.size(); i++) {
      define(names.get(i), values.get(i), scope);
    }
  }

  private void define(Name name, Datum value, Scope scope) {
    if (scope.has(name.text())) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.DUPLICATE_NAME,
                  name.span(),
                  "`" + name.text() + "` has a value already")
              .help("a name never changes its value; choose another"));
    }
    all.refuseHiding(name, scope);
    scope.define(name.text(), value);
  }

  /// The new states that a module's function gives, which take effect when it returns.
  private static final class StateUpdates implements Receiver {
    private final Elaboration all;
    private final @Nullable ModuleInstance instance;
    private final Map<String, Value> pending = new LinkedHashMap<>();

    StateUpdates(Elaboration all, @Nullable ModuleInstance instance) {
      this.all = all;
      this.instance = instance;
    }

    @Override
    public boolean next(Statement.Next next, Scope scope, Build build) {
      if (scope.find(next.name().text()) instanceof Datum.Absent) {
        return true;
      }
      ModuleInstance.Tensorial state =
          instance == null ? null : instance.tensors().get(next.name().text());
      if (state == null || !state.state()) {
        throw new Fault(
            Diagnostic.error(
                    DiagnosticCode.NOT_A_STATE,
                    next.name().span(),
                    "`" + next.name().text() + "` is no state of this module")
                .help("declare it: `state " + next.name().text() + ": f32[...] = zeros()`"));
      }
      if (next.when() != null && !all.expressions().truth(next.when(), scope, build)) {
        return true;
      }
      if (build.inLoop()) {
        throw Faults.of(
            DiagnosticCode.MISPLACED_STATEMENT,
            next.span(),
            "a module's state cannot change inside a loop at run time; carry it `with` the loop");
      }
      TensorType type = all.typeOf(state.path());
      Datum value = all.expressions().eval(next.value(), scope, build, type);
      Datum conformed =
          all.results()
              .conform(
                  value,
                  type,
                  build,
                  "the new `" + next.name().text() + "`",
                  next.value().span(),
                  state.item().span());
      if (pending.put(state.path(), Arithmetic.tensor(conformed, DType.F32, next.span(), build))
          != null) {
        throw Faults.of(
            DiagnosticCode.DUPLICATE_NAME,
            next.span(),
            "`" + next.name().text() + "` is given anew twice");
      }
      return true;
    }

    @Override
    public boolean emit(Statement.Emit emit, Scope scope, Build build) {
      return false;
    }

    @Override
    public boolean minimize(Statement.Minimize minimize, Scope scope, Build build) {
      return false;
    }

    void commit(Build build) {
      pending.forEach(build::set);
    }
  }

  /// All values of a list of data, for callers that need them.
  static List<Value> tensors(List<Datum> data, Span span, Build build) {
    List<Value> out = new ArrayList<>();
    data.forEach(d -> out.add(Arithmetic.tensor(d, DType.F32, span, build)));
    return out;
  }
}
