package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.DimSyntax;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Result;
import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.dsl.parse.SourceParser;
import dev.sinter.ir.Equations;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.OpException;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The entry points of models: each `fn` of a model becomes a graph.
public final class Entries {
  private Entries() {}

  /// The names that mean something in every file.
  public static Set<String> builtins() {
    return Builtins.names();
  }

  /// The definitions of the main file that can be compiled.
  public static Elaborator.Contents contents(SourceSet sources) {
    List<String> models = new ArrayList<>();
    List<String> trainings = new ArrayList<>();
    for (Definition definition : sources.main().file().definitions()) {
      switch (definition) {
        case Definition.Model model -> models.add(model.name().text());
        case Definition.DerivedModel model -> models.add(model.name().text());
        case Definition.Train train -> trainings.add(train.name().text());
        default -> {}
      }
    }
    return new Elaborator.Contents(models, trainings);
  }

  /// Elaborates a model or a training; empty where faults were reported.
  public static Optional<ModelGraph> elaborate(
      SourceSet sources, String name, Map<String, String> settings, Diagnostics diagnostics) {
    Elaboration all = new Elaboration(sources, diagnostics);
    Scope top = all.scope(sources.main());
    SourceSet.Target target = sources.main().names().get(name);
    try {
      if (target == null) {
        Elaborator.Contents contents = contents(sources);
        List<String> known = new ArrayList<>(contents.models());
        known.addAll(contents.trainings());
        throw Faults.unknown("model or training", name, Span.NONE, known);
      }
      return switch (target.definition()) {
        case Definition.Model model -> {
          List<Datum.Argued> arguments = settings(settings, model.params(), model.name().span());
          ModuleInstance instance =
              all.instantiation()
                  .module(
                      model.name(),
                      model.params(),
                      model.facts(),
                      model.items(),
                      "",
                      top.inner(),
                      arguments,
                      model.name().span());
          yield model(all, name, instance, diagnostics);
        }
        case Definition.DerivedModel model ->
            all.edits().derived(model, "", top, model.span())
                    instanceof Datum.Module(ModuleInstance instance)
                ? model(all, name, instance, diagnostics)
                : Optional.empty();
        case Definition.Train train ->
            Optional.of(
                new Trains(all)
                    .elaborate(
                        train, top, settings(settings, train.params(), train.name().span())));
        default ->
            throw Faults.of(
                DiagnosticCode.WRONG_KIND,
                target.definition().name().span(),
                "`" + name + "` is neither a model nor a `train`");
      };
    } catch (Fault fault) {
      diagnostics.report(fault.diagnostic());
      return Optional.empty();
    } catch (StackOverflowError deep) {
      diagnostics.report(
          Diagnostic.error(
              DiagnosticCode.ENDLESS_RECURSION, Span.NONE, "`" + name + "` nests too deeply"));
      return Optional.empty();
    }
  }

  /// Elaborates the model that a training trains; empty where faults were reported.
  public static Optional<ModelGraph> trained(
      SourceSet sources, String name, Map<String, String> settings, Diagnostics diagnostics) {
    Elaboration all = new Elaboration(sources, diagnostics);
    Scope top = all.scope(sources.main());
    SourceSet.Target target = sources.main().names().get(name);
    try {
      if (target == null || !(target.definition() instanceof Definition.Train train)) {
        throw Faults.unknown("training", name, Span.NONE, contents(sources).trainings());
      }
      return Optional.of(
          new Trains(all)
              .trained(train, top, settings(settings, train.params(), train.name().span())));
    } catch (Fault fault) {
      diagnostics.report(fault.diagnostic());
      return Optional.empty();
    }
  }

  /// `--set` values as arguments.
  private static List<Datum.Argued> settings(
      Map<String, String> settings, List<Field> params, Span span) {
    List<Datum.Argued> out = new ArrayList<>();
    settings.forEach((name, text) -> {
      if (params.stream().noneMatch(p -> p.name().text().equals(name))) {
        throw Faults.unknown(
            "parameter", name, span, params.stream().map(p -> p.name().text()).toList());
      }
      out.add(new Datum.Argued(name, literal(name, text, span), span));
    });
    return out;
  }

  private static Datum literal(String name, String text, Span span) {
    Fault fault =
        new Fault(
            Diagnostic.error(
                    DiagnosticCode.WRONG_KIND,
                    span,
                    "`" + name + "` was set to `" + text + "`, which is no literal")
                .help("write a number, true, false, or a string in quotes"));
    // The parser reads files, so the literal is read as the body of a function.
    SourceText file = new SourceText("--set " + name, "fn setting() -> int = " + text);
    Definition parsed =
        SourceParser.parse(file, new Diagnostics())
            .filter(f -> f.definitions().size() == 1)
            .map(f -> f.definitions().getFirst())
            .orElseThrow(() -> fault);
    if (parsed instanceof Definition.TopFunction(Function function)
        && function.body() instanceof Body.Single(Expr value)) {
      return Literals.value(value);
    }
    throw fault;
  }

  private static Optional<ModelGraph> model(
      Elaboration all, String name, ModuleInstance instance, Diagnostics diagnostics) {
    List<Graph> entries = new ArrayList<>();
    boolean faulty = false;
    for (Function function : instance.functions()) {
      try {
        entries.add(entry(all, instance, function));
      } catch (Fault fault) {
        faulty = true;
        diagnostics.report(fault.diagnostic());
      } catch (OpException e) {
        faulty = true;
        diagnostics.report(
            Diagnostic.error(
                DiagnosticCode.SHAPES_DIFFER, function.span(), String.valueOf(e.getMessage())));
      }
    }
    if (entries.isEmpty() && !faulty) {
      throw Faults.of(
          DiagnosticCode.WRONG_KIND,
          Span.NONE,
          "the model " + name + " has no `fn` to be called by");
    }
    if (!faulty) {
      UnusedMembers.report(all, entries);
    }
    return faulty
        ? Optional.empty()
        : Optional.of(
            new ModelGraph(
                name,
                List.copyOf(all.parameters().values()),
                entries,
                Optional.empty(),
                all.edits().contracts()));
  }

  /// The graph of one function of a model.
  static Graph entry(Elaboration all, ModuleInstance instance, Function function) {
    Set<String> fixed = new HashSet<>();
    all.parameters()
        .values()
        .forEach(p -> p.type().shape().forEach(d -> fixed.addAll(d.symbols())));
    return Equations.solving(
        fixed, Map.of(), equations -> entry(all, instance, function, equations));
  }

  private static Graph entry(
      Elaboration all, ModuleInstance instance, Function function, Equations equations) {
    Build build = new Build(all.parameters(), equations);
    Scope scope = instance.scope().inner();
    List<Datum.Argued> arguments = new ArrayList<>();
    for (Field param : function.params()) {
      Datum value;
      if (Types.isKey(param.type())) {
        Value key = build.argument(param.name().text(), TensorType.of(DType.U32, 2));
        build.key(key);
        value = new Datum.Key(new KeySource.Given(key));
      } else if (all.types().isTensor(param.type(), scope)) {
        symbols(param.type(), scope, equations);
        value =
            new Datum.Tensor(
                build.argument(
                    param.name().text(), all.types().resolve(param.type(), scope, build)));
      } else if (param.value() != null) {
        continue;
      } else {
        throw Faults.of(
            DiagnosticCode.WRONG_KIND,
            param.span(),
            "an entry point's `"
                + param.name().text()
                + "` is known at compile time; give it a"
                + " default");
      }
      arguments.add(new Datum.Argued(param.name().text(), value, param.span()));
    }
    all.calls().assume(function.facts(), defaults(all, function, scope, build), build);
    Promises.assume(instance, scope, build);
    Datum result =
        all.calls()
            .invoke(
                new Datum.Function(new Callable.Method(instance, function), List.of()),
                arguments,
                function.span(),
                build,
                null);
    String name = function.isCall() ? "forward" : function.name().text();
    return build.graph(name, results(function.result(), result, function.span(), build));
  }

  /// The scope in which an entry's facts are read: with its compile-time parameters' defaults.
  private static Scope defaults(Elaboration all, Function function, Scope scope, Build build) {
    Scope with = scope.inner();
    for (Field param : function.params()) {
      if (param.value() != null && !all.types().isTensor(param.type(), scope)) {
        with.define(param.name().text(), all.expressions().eval(param.value(), scope, build));
      }
    }
    return with;
  }

  /// Free sizes of an entry's argument become symbols.
  private static void symbols(TypeSyntax type, Scope scope, Equations equations) {
    for (DimSyntax dim : Types.dims(type)) {
      switch (dim) {
        case DimSyntax.Rest rest ->
            throw Faults.of(
                DiagnosticCode.UNBOUND_SIZE,
                rest.span(),
                "an entry point has a fixed number of axes; name them instead of `.."
                    + rest.name().text()
                    + "`");
        case DimSyntax.Single single -> {
          for (String symbol : Types.freeSizes(single.size(), scope)) {
            scope.define(symbol, new Datum.Size(equations.size(symbol)));
          }
        }
      }
    }
  }

  private static Map<String, Value> results(Result declared, Datum result, Span span, Build build) {
    List<Datum> values =
        result instanceof Datum.Tuple(List<Datum> elements, List<String> names)
            ? elements
            : List.of(result);
    Map<String, Value> out = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      String name =
          switch (declared) {
            case Result.Single single -> "output";
            case Result.Named named -> named.fields().get(i).name().text();
          };
      out.put(name, Arithmetic.tensor(values.get(i), DType.F32, span, build));
    }
    return out;
  }
}
