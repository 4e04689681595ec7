package dev.sinter.dsl;

import dev.sinter.dsl.load.SourceLoader;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Verifier;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.DiagnosticRenderer;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.passes.Differentiate;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/// A text in the language, elaborated and run by tests.
///
/// @param others the files that it may import, by path
public record Text(String main, Map<String, String> others) {
  public static Text of(String main) {
    return new Text(main, Map.of());
  }

  private SourceSet read(Consumer<Diagnostic> warned) {
    SourceLoader loader =
        path -> Optional.ofNullable(others.get(path)).map(content -> new SourceText(path, content));
    return new Elaborator(warned).read(new SourceText("test.sinter", main), loader);
  }

  /// The names of its models and trainings.
  public List<String> names() {
    return names(read(warning -> {}));
  }

  private static List<String> names(SourceSet sources) {
    Elaborator.Contents contents = Elaborator.contents(sources);
    List<String> names = new ArrayList<>(contents.models());
    names.addAll(contents.trainings());
    return names;
  }

  /// The model or training `name`.
  public ModelGraph elaborate(String name) {
    return elaborate(name, Map.of());
  }

  /// The model or training `name` with parameters set from the command line.
  public ModelGraph elaborate(String name, Map<String, String> settings) {
    return elaborate(read(warning -> {}), name, settings, warning -> {});
  }

  private static ModelGraph elaborate(
      SourceSet sources, String name, Map<String, String> settings, Consumer<Diagnostic> warned) {
    ModelGraph model = new Elaborator(warned).elaborate(sources, name, settings);
    new Verifier("elaborate", true).verify(model);
    return model;
  }

  /// The first of its models and trainings.
  public ModelGraph elaborate() {
    return elaborate(names().getFirst());
  }

  /// What is said about it, warnings too: of the text, or else of each model and training.
  public List<Diagnostic> faults() {
    try {
      Set<Diagnostic> faults = new LinkedHashSet<>();
      SourceSet sources = read(faults::add);
      for (String name : names(sources)) {
        try {
          elaborate(sources, name, Map.of(), faults::add);
        } catch (DiagnosticException fault) {
          faults.addAll(fault.diagnostics());
        }
      }
      return List.copyOf(faults);
    } catch (DiagnosticException fault) {
      return fault.diagnostics();
    }
  }

  /// What is said about it, as people read it.
  public String said() {
    return new DiagnosticRenderer(false).render(faults());
  }

  /// The results of an entry of its first model, on arguments by name; weights and states are as
  /// initialised where they are not given.
  public Map<String, Tensor> run(String entry, Map<String, Tensor> given) {
    return new Session(elaborate()).run(entry, given);
  }

  /// A model with its weights and states, run by the interpreter.
  public static final class Session {
    private final ModelGraph model;
    private final Map<String, Tensor> kept = new HashMap<>();
    private final Random random = new Random(42);

    public Session(ModelGraph model) {
      this.model = Differentiate.differentiate(model);
    }

    /// What a weight or state is now.
    public Tensor tensor(String name) {
      Tensor tensor = kept.get(name);
      if (tensor == null) {
        throw new IllegalArgumentException(name);
      }
      return tensor;
    }

    public Map<String, Tensor> run(String entry, Map<String, Tensor> given) {
      Graph graph = model.entry(entry).orElseThrow();
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (int i = 0; i < graph.inputs().size(); i++) {
        String name = graph.inputs().get(i).name();
        TensorType type = graph.input(i).type();
        Tensor tensor = given.get(name);
        inputs.put(
            name, tensor != null ? tensor : kept.computeIfAbsent(name, n -> initial(n, type)));
      }
      Map<String, Tensor> results = new LinkedHashMap<>();
      Interpreter.rounding()
          .run(graph, inputs)
          .forEach((output, tensor) -> {
            results.put(output.name(), tensor);
            if (output.role() == Graph.Role.STATE) {
              kept.put(output.name(), tensor);
            }
          });
      return results;
    }

    private Tensor initial(String name, TensorType type) {
      Initializer initializer =
          model.parameters().stream()
              .filter(p -> p.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no argument " + name))
              .initializer();
      long[] shape = type.shape().stream().mapToLong(d -> d.constant()).toArray();
      Tensor tensor = Tensor.allocate(type.dtype(), shape);
      for (long i = 0; i < tensor.size(); i++) {
        double value =
            switch (initializer) {
              case Initializer.Fill(double constant) -> constant;
              case Initializer.Normal(double mean, double deviation) ->
                  mean + deviation * random.nextGaussian();
              case Initializer.Uniform(double low, double high) ->
                  low + (high - low) * random.nextDouble();
              case Initializer.Stored _, Initializer.Held _ ->
                  throw new IllegalArgumentException("a value from a file");
            };
        if (type.dtype().isFloat()) {
          tensor.setDouble(i, value);
        } else {
          tensor.setLong(i, (long) value);
        }
      }
      return tensor;
    }
  }

  /// A key for entries that draw.
  public static Tensor key(int number) {
    Tensor key = Tensor.allocate(DType.U32, 2);
    key.setLong(0, number);
    key.setLong(1, 7L * number + 1);
    return key;
  }
}
