package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One compilation: its files, the parts of the elaborator, which need one another, and what they
/// have found so far.
final class Elaboration {
  private final SourceSet sources;
  private final Diagnostics diagnostics;
  private final Map<String, ModelGraph.Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Span> places = new HashMap<>();
  private final Map<Scope, SourceSet.Unit> homes = new HashMap<>();
  private final Map<SourceSet.Unit, Scope> scopes = new HashMap<>();
  private final Map<String, Builtin> builtins = Builtins.table();
  private final Expressions expressions = new Expressions(this);
  private final Types types = new Types(expressions);
  private final Binding binding = new Binding(this);
  private final Results results = new Results(this);
  private final Calls calls = new Calls(this);
  private final Statements statements = new Statements(this);
  private final Loops loops = new Loops(this);
  private final Choices choices = new Choices(this);
  private final AxisPatterns axes = new AxisPatterns();
  private final Subscripts subscripts = new Subscripts(this);
  private final IndexNotation indexNotation = new IndexNotation(this);
  private final Instantiation instantiation = new Instantiation(this);
  private final ModuleItems items = new ModuleItems(this);
  private final Parts parts = new Parts(this);
  private final Edits edits = new Edits(this);

  Elaboration(SourceSet sources, Diagnostics diagnostics) {
    this.sources = sources;
    this.diagnostics = diagnostics;
  }

  Diagnostics diagnostics() {
    return diagnostics;
  }

  /// All weights and states by path, in the order of their making.
  Map<String, ModelGraph.Parameter> parameters() {
    return parameters;
  }

  /// Where the text names each member, weight and state, by its path.
  Map<String, Span> places() {
    return places;
  }

  Expressions expressions() {
    return expressions;
  }

  Types types() {
    return types;
  }

  Binding binding() {
    return binding;
  }

  Results results() {
    return results;
  }

  Calls calls() {
    return calls;
  }

  Statements statements() {
    return statements;
  }

  Loops loops() {
    return loops;
  }

  Choices choices() {
    return choices;
  }

  AxisPatterns axes() {
    return axes;
  }

  Subscripts subscripts() {
    return subscripts;
  }

  IndexNotation indexNotation() {
    return indexNotation;
  }

  Edits edits() {
    return edits;
  }

  Instantiation instantiation() {
    return instantiation;
  }

  ModuleItems items() {
    return items;
  }

  Parts parts() {
    return parts;
  }

  SourceSet sources() {
    return sources;
  }

  /// The scope of a file's top level.
  Scope scope(SourceSet.Unit unit) {
    return scopes.computeIfAbsent(
        unit,
        u -> {
          Scope scope = new Scope(null);
          homes.put(scope, u);
          return scope;
        });
  }

  /// What a name at the top of the file around `scope` is defined as, or null.
  SourceSet.@Nullable Target target(Name name, Scope scope) {
    SourceSet.Unit unit = homes.get(scope.outermost());
    return unit == null ? null : unit.find(name).orElse(null);
  }

  /// The names that the file around `scope` knows, and those of the language.
  List<String> names(Scope scope) {
    List<String> names = new ArrayList<>(builtins.keySet());
    SourceSet.Unit unit = homes.get(scope.outermost());
    if (unit != null) {
      names.addAll(unit.names().keySet());
    }
    return names;
  }

  /// Reports a name of a function that would hide one of the module or file around it. Names of the
  /// standard library may be taken again.
  void refuseHiding(Name name, Scope scope) {
    SourceSet.Target target = target(name, scope);
    boolean own = target != null && !target.path().startsWith("std/");
    if (own || scope.find(name.text()) != null) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.DUPLICATE_NAME,
                  name.span(),
                  "`" + name.text() + "` would hide what is called so around it")
              .note("a name means one thing")
              .help("choose another name"));
    }
  }

  /// A function of a file or of the language, or null.
  @Nullable Datum definition(Name name, Scope scope) {
    SourceSet.Target target = target(name, scope);
    if (target != null && target.definition() instanceof Definition.TopFunction top) {
      SourceSet.Unit home = sources.home(target);
      Definition.Gradient gradient =
          home.gradients().stream()
              .filter(g -> g.name().text().equals(name.text()))
              .findFirst()
              .orElse(null);
      return new Datum.Function(
          new Callable.TopFunction(top.function(), scope(home), gradient), List.of());
    }
    Builtin builtin = builtins.get(name.text());
    return builtin == null
        ? null
        : new Datum.Function(new Callable.Builtin(name.text(), builtin), List.of());
  }

  /// A param, state or key of a module as the value that it has now; other data are themselves.
  Datum read(Datum datum, Scope scope, @Nullable Build build) {
    return datum instanceof Datum.Parameter(String path, Span span)
        ? new Datum.Tensor(Faults.graph(build, span).tensor(path))
        : datum;
  }

  /// The type of a weight or state.
  TensorType typeOf(String path) {
    return java.util.Objects.requireNonNull(parameters.get(path)).type();
  }

  /// Adds a node under a fault that names the place.
  static Value checked(Span span, java.util.function.Supplier<Value> node) {
    try {
      return node.get();
    } catch (dev.sinter.ir.OpException e) {
      throw Faults.of(
          dev.sinter.ir.diagnostic.DiagnosticCode.SHAPES_DIFFER,
          span,
          String.valueOf(e.getMessage()));
    }
  }
}
