package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.interpreter.GradientDifferences;
import dev.sinter.passes.DeadCode;
import dev.sinter.passes.Differentiate;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.GradientCheck;
import dev.sinter.testkit.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The losses that the samples train by, beside differences, for every weight.
class SampleGradientsTest {
  /// A sample's training, its text made smaller: each of `changes` is `from => to`.
  private static ModelGraph sample(String file, String changes) throws IOException {
    Path path = Repository.current().file("samples/" + file);
    String text = Files.readString(path);
    for (String change : changes.split(";", -1)) {
      String[] sides = change.split(" => ", -1);
      assertThat(text).contains(sides[0].strip());
      text = text.replace(sides[0].strip(), sides[1].strip());
    }
    Elaborator elaborator = new Elaborator(warning -> {});
    SourceSet sources = elaborator.read(new SourceText(file, text), none -> Optional.empty());
    String train = Elaborator.contents(sources).trainings().getFirst();
    return elaborator.elaborate(sources, train, Map.of());
  }

  /// The first step with nothing but its loss.
  private static Graph loss(ModelGraph model) {
    Graph step =
        model.entry(model.training().orElseThrow().steps().getFirst().entry()).orElseThrow();
    GraphBuilder b = new GraphBuilder();
    List<Value> params = new ArrayList<>();
    step.body().params().forEach(p -> params.add(b.parameter(p.type(), p.name())));
    List<Value> results = b.inline(step.body(), params);
    int loss =
        IntStream.range(0, results.size())
            .filter(i -> step.outputs().get(i).name().equals("loss"))
            .findFirst()
            .orElseThrow();
    return DeadCode.remove(
        new Graph(
            step.name(),
            step.inputs(),
            List.of(step.outputs().get(loss)),
            b.region(List.of(results.get(loss))),
            step.facts()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "digits/digits.sinter | Digits() => Digits(width = 2) | 3",
        "mnist/mlp.sinter | Mlp() => Mlp(width = 5); 784 => 12 | 2",
        "mnist/lenet.sinter | 1 -> 6 => 1 -> 2; 6 -> 16 => 2 -> 3; 400 -> 120 => 12 -> 6;"
            + " 120 -> 84 => 6 -> 5; 84 -> 10 => 5 -> 10; 784 => 256; h = 28 => h = 16 | 2",
        "charlm/charlm.sinter | CharLm() => CharLm(width = 4, layers = 1, heads = 2, context = 5);"
            + " 65] => 6]; 0..64 => 0..5; 256 => 12 | 2",
        "rnn/rnn.sinter | Rows() => Rows(width = 4) | 2",
      })
  void areWhatDifferencesSay(String file, String changes, long examples) throws IOException {
    ModelGraph model = sample(file, changes);
    Graph loss = loss(model);
    Bindings sizes = new Bindings(Map.of("N", examples));
    Random random = new Random(5);
    List<Tensor> inputs = new ArrayList<>();
    List<Integer> weights = new ArrayList<>();
    for (int i = 0; i < loss.inputs().size(); i++) {
      String name = loss.inputs().get(i).name();
      boolean weight =
          model.parameters().stream()
              .anyMatch(p -> p.name().equals(name) && p.kind() == ModelGraph.Kind.WEIGHT);
      if (weight) {
        weights.add(i);
      }
      inputs.add(input(name, loss.input(i).type(), weight, sizes, random));
    }
    assertThat(weights).isNotEmpty();
    new GradientCheck(Differentiate::differentiate, GradientDifferences.SMALL)
        .check(loss, inputs, weights, 11);
  }

  private static Tensor input(
      String name, TensorType type, boolean weight, Bindings sizes, Random random) {
    boolean isFloat = type.dtype().isFloat();
    Tensor tensor = Tensor.zeros(isFloat ? DType.F64 : type.dtype(), sizes.shape(type.shape()));
    double spread = type.rank() < 2 ? 0.3 : 1 / Math.sqrt((double) tensor.size() / tensor.dim(0));
    for (long at = 0; at < tensor.size(); at++) {
      if (!isFloat) {
        tensor.setLong(at, type.dtype() == DType.U32 ? random.nextInt() : random.nextInt(10));
      } else if (weight) {
        // Factors of normalisations are vectors that are called so, and lie around 1.
        double center = type.rank() == 1 && name.endsWith("weight") ? 1 : 0;
        tensor.setDouble(at, center + spread * random.nextGaussian());
      } else {
        tensor.setDouble(at, random.nextDouble());
      }
    }
    return tensor;
  }
}
