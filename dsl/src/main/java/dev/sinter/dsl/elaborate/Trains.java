package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Item;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Training;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Elaborates a `train`: its members are made under their names, each step becomes an entry that
/// gives its losses and new weights, and the metrics become one entry.
final class Trains {
  private static final String METRICS = "metrics";

  private final Elaboration all;

  Trains(Elaboration all) {
    this.all = all;
  }

  /// The fields of an example batch.
  private record Feed(List<Training.Field> fields, String symbol, long size) {}

  /// What a step has become.
  private record Entry(Graph graph, Set<String> learners) {}

  /// The model graph of `train`.
  ///
  /// @param top the scope of its file
  /// @param arguments values of its parameters, by name
  ModelGraph elaborate(Definition.Train train, Scope top, List<Datum.Argued> arguments) {
    Scope own = top.inner();
    ModelGraph graph = elaborate(train, own, members(train, own, arguments));
    if (!all.diagnostics().hasErrors()) {
      UnusedMembers.report(all, graph.entries());
    }
    return graph;
  }

  /// The model that `train` trains, on its own.
  ModelGraph trained(Definition.Train train, Scope top, List<Datum.Argued> arguments) {
    Scope own = top.inner();
    ModuleInstance members = members(train, own, arguments);
    String name = elaborate(train, own, members).training().map(Training::model).orElse("");
    if (!(members.members().get(name) instanceof Datum.Module(ModuleInstance model))) {
      throw Faults.of(
          DiagnosticCode.WRONG_KIND,
          train.name().span(),
          "`" + train.name().text() + "` trains no single model that could be compiled");
    }
    return TrainedMember.of(all, model);
  }

  private ModuleInstance members(Definition.Train train, Scope own, List<Datum.Argued> arguments) {
    return all.instantiation()
        .module(
            train.name(),
            train.params(),
            List.of(),
            train.items(),
            "",
            own,
            arguments,
            train.name().span());
  }

  private ModelGraph elaborate(Definition.Train train, Scope own, ModuleInstance members) {
    Feed feed = feed(train, own);
    Map<String, Long> settings = settings(train, own);
    List<Graph> entries = new ArrayList<>();
    List<Training.Step> steps = new ArrayList<>();
    Set<String> learners = new LinkedHashSet<>();
    Set<String> names = new HashSet<>(Set.of(METRICS));
    for (Item item : train.items()) {
      if (item instanceof Item.Step step) {
        String name = step.name().text().isEmpty() ? "step" : step.name().text();
        if (!names.add(name)) {
          throw new Fault(
              Diagnostic.error(
                      DiagnosticCode.DUPLICATE_NAME,
                      step.name().text().isEmpty() ? step.span() : step.name().span(),
                      "two steps are called `" + name + "`")
                  .help("give each step a name of its own: `step critic { ... }`"));
        }
        int times = times(step, own);
        collect(() -> step(step, name, feed, own, members))
            .ifPresent(entry -> {
              entries.add(entry.graph());
              steps.add(new Training.Step(name, times));
              learners.addAll(entry.learners());
            });
      }
    }
    if (names.size() == 1) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.INCOMPLETE_TRAIN,
                  train.name().span(),
                  "`" + train.name().text() + "` has no `step`")
              .help("write `step { minimize ... over ... with ... }`"));
    }
    List<Item.Metric> metrics =
        train.items().stream()
            .filter(item -> item instanceof Item.Metric)
            .map(item -> (Item.Metric) item)
            .toList();
    if (!metrics.isEmpty()) {
      entries.add(metrics(metrics, feed, own));
    }
    Training training =
        new Training(
            feed.fields(),
            feed.symbol(),
            feed.size(),
            steps,
            metrics.isEmpty() ? "" : METRICS,
            learners.size() == 1 ? learners.iterator().next() : "",
            settings.getOrDefault("seed", 0L),
            (int) (long) settings.getOrDefault("epochs", 1L),
            settings.getOrDefault("holdout", 0L));
    return new ModelGraph(
        train.name().text(),
        new ArrayList<>(all.parameters().values()),
        entries,
        Optional.of(training),
        all.edits().contracts());
  }

  /// Runs `part` and reports the fault that it ends in, so that the other parts are looked at too.
  private <T> Optional<T> collect(java.util.function.Supplier<T> part) {
    try {
      return Optional.of(part.get());
    } catch (Fault fault) {
      all.diagnostics().report(fault.diagnostic());
      return Optional.empty();
    }
  }

  private Feed feed(Definition.Train train, Scope own) {
    Item.Data data = null;
    for (Item item : train.items()) {
      if (item instanceof Item.Data next) {
        if (data != null) {
          throw new Fault(
              Diagnostic.error(
                      DiagnosticCode.DUPLICATE_NAME, next.span(), "a second `data` in one `train`")
                  .also(data.span(), "the first is here"));
        }
        data = next;
      }
    }
    if (data == null) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.INCOMPLETE_TRAIN,
                  train.name().span(),
                  "`" + train.name().text() + "` has no `data`")
              .help(
                  "say what an example is: `data (image: f32[N, 784], label: i32[N]) batch N ="
                      + " 64`"));
    }
    String symbol = data.batch().text();
    if (own.find(symbol) != null) {
      throw Faults.of(
          DiagnosticCode.DUPLICATE_NAME,
          data.batch().span(),
          "the size `" + symbol + "` has a value already");
    }
    long size = positive(data.size(), "a batch", own);
    own.define(symbol, new Datum.Size(Dim.symbol(symbol)));
    List<Training.Field> fields = new ArrayList<>();
    for (Field field : data.fields()) {
      fields.add(field(field, symbol, own));
    }
    return new Feed(fields, symbol, size);
  }

  private Training.Field field(Field field, String symbol, Scope own) {
    TensorType type = all.types().resolve(field.type(), own, null);
    boolean first = type.rank() > 0 && type.dim(0).equals(Dim.symbol(symbol));
    if (!first || type.shape().stream().skip(1).anyMatch(d -> !d.isConstant())) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_KIND,
                  field.type().span(),
                  "a field of the data has `" + symbol + "` as its first size, then constants")
              .help("write `" + field.name().text() + ": f32[" + symbol + ", 784]`"));
    }
    String source = "";
    if (field.value() != null) {
      if (!(all.expressions().eval(field.value(), own, null) instanceof Datum.Text(String text))) {
        throw Faults.of(
            DiagnosticCode.WRONG_KIND,
            field.value().span(),
            "a field's source is a string, as in \"digits.csv#0..64\"");
      }
      source = text;
    }
    return new Training.Field(field.name().text(), type, source);
  }

  private Map<String, Long> settings(Definition.Train train, Scope own) {
    Map<String, Long> settings = new LinkedHashMap<>();
    for (Item item : train.items()) {
      if (!(item instanceof Item.Setting setting)) {
        continue;
      }
      String word = setting.word().text();
      switch (word) {
        case "precision" -> {
          Datum value = all.expressions().eval(setting.value(), own, null);
          if (!(value instanceof Datum.Type(DType dtype))) {
            throw Faults.of(
                DiagnosticCode.WRONG_KIND, setting.value().span(), "`precision` takes a dtype");
          }
          if (dtype != DType.F32) {
            throw later(setting, "`precision " + dtype + "`", "train in f32");
          }
        }
        case "accumulate" -> {
          if (positive(setting.value(), "`accumulate`", own) != 1) {
            throw later(setting, "`accumulate` of more than 1", "take a larger batch");
          }
        }
        case "epochs" -> settings.put(word, positive(setting.value(), "`epochs`", own));
        default -> {
          long value = all.expressions().integer(setting.value(), own, null);
          if (value < 0) {
            throw Faults.of(
                DiagnosticCode.OUT_OF_RANGE,
                setting.value().span(),
                "`" + word + "` is " + value + ", and cannot be below 0");
          }
          settings.put(word, value);
        }
      }
    }
    return settings;
  }

  private static Fault later(Item.Setting setting, String what, String help) {
    return new Fault(
        Diagnostic.error(DiagnosticCode.COMES_LATER, setting.span(), what + " is not built yet")
            .help(help + " until then"));
  }

  private long positive(Expr expr, String what, Scope own) {
    long value = all.expressions().integer(expr, own, null);
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw Faults.of(
          DiagnosticCode.OUT_OF_RANGE, expr.span(), what + " is at least 1, not " + value);
    }
    return value;
  }

  private int times(Item.Step step, Scope own) {
    int times = 1;
    for (Argument argument : step.arguments()) {
      if (argument.name() == null || !argument.name().text().equals("times")) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS,
            argument.value().span(),
            "a step takes only `times`, as in `step critic(times = 2)`");
      }
      times = (int) positive(argument.value(), "`times`", own);
    }
    return times;
  }

  /// The data's fields as arguments of an entry. All are there, used or not, so that each entry
  /// knows the size of the batch.
  private static Scope arguments(Feed feed, Scope own, Build build) {
    Scope scope = own.inner();
    for (Training.Field field : feed.fields()) {
      scope.define(field.name(), new Datum.Tensor(build.argument(field.name(), field.type())));
    }
    return scope.inner();
  }

  private Entry step(Item.Step step, String name, Feed feed, Scope own, ModuleInstance members) {
    Build build = new Build(all.parameters(), true);
    build.training(true);
    if (!step.name().text().isEmpty()) {
      build.drawsAs(name);
    }
    Scope scope = arguments(feed, own, build);
    Minimize minimize = new Minimize(all, name, members);
    for (Statement statement : step.body().statements()) {
      all.statements().run(statement, scope, build, minimize, name);
    }
    Map<String, Value> losses = minimize.land(build);
    if (losses.isEmpty()) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.INCOMPLETE_TRAIN, step.span(), "the step minimizes nothing")
              .help("end it with `minimize loss over net with Sgd(lr = 0.1)`"));
    }
    return new Entry(build.graph(name, losses), minimize.learners());
  }

  private Graph metrics(List<Item.Metric> metrics, Feed feed, Scope own) {
    Build build = new Build(all.parameters(), true);
    Scope scope = arguments(feed, own, build);
    Map<String, Value> results = new LinkedHashMap<>();
    for (Item.Metric metric : metrics) {
      collect(() -> metric(metric, scope, build))
          .ifPresent(value -> {
            if (results.put(metric.name().text(), value) != null) {
              all.diagnostics()
                  .report(
                      Diagnostic.error(
                          DiagnosticCode.DUPLICATE_NAME,
                          metric.name().span(),
                          "two metrics are called `" + metric.name().text() + "`"));
            }
          });
    }
    return build.graph(METRICS, results);
  }

  private Value metric(Item.Metric metric, Scope scope, Build build) {
    Span span = metric.value().span();
    Value value =
        Arithmetic.tensor(
            all.expressions().eval(metric.value(), scope, build), DType.F32, span, build);
    if (!value.type().equals(TensorType.of(DType.F32, new long[0]))) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_KIND, span, "a metric is one number, not " + value.type())
              .help("take the mean of it: `mean(f32(...))`"));
    }
    return value;
  }
}
