package dev.sinter.compiler;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Training;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Closeness;
import dev.sinter.testkit.RandomGraphs.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Random graphs as the entries of one model: compiled once, then loaded and called under any
/// setting. Each has its own weights and states; kernels are shared where they are equal.
final class SampleModel {
  private static final String VECTOR_BITS = "sinter.vectorBits";

  private final List<Sample> samples;
  private final CompiledModel compiled;

  /// How a model is run.
  ///
  /// @param tier the kernels, by their name
  /// @param bits the bits of a vector
  /// @param threads of the session
  record Setting(String tier, int bits, int threads) {}

  SampleModel(List<Sample> samples) {
    this(samples, 0);
  }

  /// @param usual how many pictures the batches of a training have that are full, or 0
  SampleModel(List<Sample> samples, long usual) {
    this.samples = samples;
    List<Graph> entries = new ArrayList<>();
    List<ModelGraph.Parameter> parameters = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      Graph graph = entry(i, samples.get(i).graph());
      entries.add(graph);
      for (int in = 0; in < graph.inputs().size(); in++) {
        Graph.Input input = graph.inputs().get(in);
        if (input.role() != Graph.Role.ARGUMENT) {
          parameters.add(
              new ModelGraph.Parameter(
                  input.name(),
                  graph.input(in).type(),
                  new Initializer.Fill(0),
                  input.role() == Graph.Role.WEIGHT
                      ? ModelGraph.Kind.WEIGHT
                      : ModelGraph.Kind.STATE));
        }
      }
    }
    ModelGraph model =
        new ModelGraph(
            "random",
            parameters,
            entries,
            usual == 0
                ? Optional.empty()
                : Optional.of(new Training(List.of(), "N", usual, List.of(), "", "", 0, 1, 0)),
            Contracts.NONE);
    this.compiled = new Compiler(CompileOptions.DEFAULT).compile(model);
  }

  /// A graph under the name of its entry, with weights and states of its own.
  private static Graph entry(int number, Graph graph) {
    return new Graph(
        "entry" + number,
        graph.inputs().stream()
            .map(i -> new Graph.Input(name(number, i.name(), i.role()), i.role()))
            .toList(),
        graph.outputs().stream()
            .map(o -> new Graph.Output(name(number, o.name(), o.role()), o.role()))
            .toList(),
        graph.body(),
        graph.facts());
  }

  private static String name(int number, String name, Graph.Role role) {
    return role == Graph.Role.ARGUMENT ? name : "entry" + number + "." + name;
  }

  /// For each sample what it does wrong; empty where nothing.
  List<String> faults(List<Setting> settings) {
    List<StringBuilder> faults = new ArrayList<>();
    List<Closeness> expected = new ArrayList<>();
    for (Sample sample : samples) {
      faults.add(new StringBuilder());
      expected.add(Closeness.of(sample.graph(), sample.inputs()));
    }
    for (Setting setting : settings) {
      System.setProperty(KernelTier.PROPERTY, setting.tier());
      System.setProperty(VECTOR_BITS, Integer.toString(setting.bits()));
      Map<String, Tensor> weights = new LinkedHashMap<>();
      for (int i = 0; i < samples.size(); i++) {
        weights.putAll(inputs(i, Graph.Role.WEIGHT));
      }
      try (Model model = compiled.load(weights);
          Session session = model.session(setting.threads())) {
        for (int i = 0; i < samples.size(); i++) {
          StringBuilder text = faults.get(i);
          // Twice: the second call finds what the first left in memory.
          for (int call = 1; call <= 2; call++) {
            int number = call;
            expected
                .get(i)
                .fault(outputs(session, i))
                .ifPresent(
                    fault -> text.append("%s, call %d: %s\n".formatted(setting, number, fault)));
          }
        }
      } finally {
        System.clearProperty(KernelTier.PROPERTY);
        System.clearProperty(VECTOR_BITS);
      }
    }
    return faults.stream().map(StringBuilder::toString).toList();
  }

  private List<Tensor> outputs(Session session, int number) {
    inputs(number, Graph.Role.STATE).forEach(session::setState);
    Map<String, Tensor> results =
        session.run("entry" + number, inputs(number, Graph.Role.ARGUMENT));
    List<Tensor> outputs = new ArrayList<>();
    for (Graph.Output output : samples.get(number).graph().outputs()) {
      String name = name(number, output.name(), output.role());
      outputs.add(
          output.role() == Graph.Role.STATE
              ? session.state(name)
              : Objects.requireNonNull(results.get(name)));
    }
    return outputs;
  }

  private Map<String, Tensor> inputs(int number, Graph.Role role) {
    Sample sample = samples.get(number);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (int i = 0; i < sample.inputs().size(); i++) {
      Graph.Input input = sample.graph().inputs().get(i);
      if (input.role() == role) {
        inputs.put(name(number, input.name(), role), sample.inputs().get(i));
      }
    }
    return inputs;
  }
}
