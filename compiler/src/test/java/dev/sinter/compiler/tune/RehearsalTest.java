package dev.sinter.compiler.tune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.measure.Convolutions;
import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.passes.MathMode;
import dev.sinter.passes.Passes;
import dev.sinter.passes.Rehearsal;
import dev.sinter.passes.Watcher;
import dev.sinter.passes.WeightStorage;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.Asked;
import dev.sinter.passes.tuning.Candidates;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ProductTile;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RehearsalTest {
  private static ModelGraph model(String sample, String name) throws IOException {
    Elaborator elaborator = new Elaborator(warning -> {});
    String text =
        Files.readString(Repository.current().file("samples/canon/" + sample + ".sinter"));
    SourceSet sources =
        elaborator.read(new SourceText(sample + ".sinter", text), none -> Optional.empty());
    return elaborator.elaborate(sources, name, Map.of());
  }

  private static Asked asked(ModelGraph model, ScheduleTable table) {
    Asked asked = new Asked(table);
    Passes.lower(model, Schedules::lower, asked, MathMode.FAST, WeightStorage.F32, Watcher.NONE);
    return asked;
  }

  @ParameterizedTest
  @CsvSource({"vgg, VggNet", "recurrent, LstmClassifier", "mlp, Fit"})
  void everyPartCanBeRehearsed(String sample, String name) throws IOException {
    ModelGraph model = model(sample, name);
    List<Work> products = Rehearsed.products(model);
    assertThat(products).isNotEmpty();
    List<Rehearsal.Way> ways = new ArrayList<>();
    for (Work work : products) {
      ProductTile tile = Candidates.of(work.shape(), 2).getLast();
      ways.add(
          Rehearsal.launch(
              work.program(),
              work.launch(),
              work.kernel(),
              work.sizes().values(),
              ScheduleTable.EMPTY.with(work.shape(), tile)));
    }
    for (ConvolutionShape shape : asked(model, ScheduleTable.EMPTY).convolutions().keySet()) {
      for (ConvolutionWay way : ConvolutionWay.values()) {
        ways.add(Rehearsal.graph(Convolutions.graph(shape), ScheduleTable.EMPTY.with(shape, way)));
      }
    }
    ProgramSet programs = Rehearsal.programs(ways, Tuner.tier(), Schedules::lower);
    CompiledModel compiled = new Compiler(CompileOptions.DEFAULT).compile(programs);
    try (Model loaded = compiled.load(Map.of());
        Session session = loaded.session(2)) {
      for (int way = 0; way < ways.size(); way++) {
        Map<String, Tensor> turns = Map.of(Rehearsal.TURNS, Tensor.zeros(DType.U8, 2));
        assertThat(session.run("way" + way, turns)).isEmpty();
      }
    }
  }
}
