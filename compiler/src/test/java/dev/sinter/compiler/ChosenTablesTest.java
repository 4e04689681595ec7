package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.passes.MathMode;
import dev.sinter.passes.Passes;
import dev.sinter.passes.Watcher;
import dev.sinter.passes.WeightStorage;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.Asked;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ProductShape;
import dev.sinter.passes.tuning.ProductTile;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole networks with any schedules that a table may hold, as Java: no method is too long, and the
/// answers are those without a table but for rounding.
class ChosenTablesTest {
  private static final double CLOSE = 1e-3;

  private static ModelGraph model(String sample, String name) throws IOException {
    Elaborator elaborator = new Elaborator(warning -> {});
    String text =
        Files.readString(Repository.current().file("samples/canon/" + sample + ".sinter"));
    SourceSet sources =
        elaborator.read(new SourceText(sample + ".sinter", text), none -> Optional.empty());
    return elaborator.elaborate(sources, name, Map.of());
  }

  private static <E> E any(E[] all, Random random) {
    return all[random.nextInt(all.length)];
  }

  /// A table that has something to say about everything in a model, on all tiers.
  private static ScheduleTable table(ModelGraph model, WeightStorage storage, Random random) {
    ScheduleTable table = ScheduleTable.EMPTY;
    for (ConvolutionShape shape : asked(model, table, storage).convolutions().keySet()) {
      table = table.with(shape, any(ConvolutionWay.values(), random));
    }
    for (ProductShape shape : asked(model, table, storage).products().keySet()) {
      ProductTile tile = tile(random);
      while (tile.fault(shape.tier()).isPresent()) {
        tile = tile(random);
      }
      table = table.with(shape, tile);
    }
    return table;
  }

  private static ProductTile tile(Random random) {
    return new ProductTile(
        1 + random.nextInt(ProductTile.MOST_ROWS),
        1 + random.nextInt(ProductTile.MOST_VECTORS),
        any(ProductTile.Walk.values(), random));
  }

  private static Asked asked(ModelGraph model, ScheduleTable table, WeightStorage storage) {
    Asked asked = new Asked(table);
    Passes.lower(model, Schedules::lower, asked, MathMode.FAST, storage, Watcher.NONE);
    return asked;
  }

  @ParameterizedTest
  @CsvSource({
    "mlp, Fit, F32",
    "vgg, VggNet, F32",
    // A decoder reads most of its weights once: the sample whose weights are most often narrow.
    "gpt, Gpt, BF16",
    "gpt, Gpt, INT8",
    "gpt, Text, BF16",
    "resnet, ResNet, F32",
    "efficientnet, EfficientNet, F32",
    "recurrent, LstmClassifier, F32",
    "transformer, Transformer, F32",
    "vit, Vit, INT8",
    "diffusion, UNet, F32",
  })
  void anyTableIsCompiledAndGivesTheSameAnswers(String sample, String name, WeightStorage storage)
      throws IOException {
    Assumptions.assumeTrue(
        Tier.current() == Tier.FULL || List.of("Fit", "VggNet", "Gpt").contains(name),
        "in -Pfull only");
    ModelGraph model = model(sample, name);
    CompileOptions options = CompileOptions.DEFAULT.withStorage(storage);
    CompiledModel plain = new Compiler(options).compile(model);
    Map<String, Tensor> weights = plain.initialWeights(3);
    for (int seed = 0; seed < Tier.current().cases(1, 8); seed++) {
      ScheduleTable table = table(model, storage, new Random(seed));
      assertThat(table.tiles()).isNotEmpty();
      CompiledModel chosen = new Compiler(options.withSchedules(table)).compile(model);
      assertThat(chosen.jar().classes()).isNotEqualTo(plain.jar().classes());
      assertThat(answers(chosen, weights))
          .usingElementComparator((a, b) -> Math.abs(a - b) <= CLOSE * (1 + Math.abs(a)) ? 0 : 1)
          .as("with seed %d", seed)
          .containsExactlyElementsOf(answers(plain, weights));
    }
  }

  private static Map<String, Tensor> arguments(Graph entry) {
    RandomArguments random = new RandomArguments(1);
    Map<String, Tensor> arguments = new LinkedHashMap<>();
    for (int i = 0; i < entry.inputs().size(); i++) {
      Graph.Input input = entry.inputs().get(i);
      if (input.role() == Graph.Role.ARGUMENT) {
        arguments.put(input.name(), random.tensor(entry.input(i).type(), 3));
      }
    }
    return arguments;
  }

  /// All that the entries answer to made-up arguments, twice.
  private static List<Double> answers(CompiledModel compiled, Map<String, Tensor> weights) {
    List<Double> answers = new ArrayList<>();
    try (Model model = compiled.load(weights);
        Session session = model.session(2)) {
      for (Graph entry : compiled.graph().entries()) {
        Map<String, Tensor> arguments = arguments(entry);
        for (int call = 0; call < 2; call++) {
          session
              .run(entry.name(), arguments)
              .values()
              .forEach(t -> {
                for (long i = 0; i < t.size(); i++) {
                  answers.add(t.getDouble(i));
                }
              });
        }
      }
    }
    return answers;
  }
}
