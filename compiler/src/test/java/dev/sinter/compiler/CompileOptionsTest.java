package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.passes.MathMode;
import dev.sinter.passes.WeightStorage;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompileOptionsTest {
  @Test
  void whatIsChosenStaysWhateverElseIsChosen() throws ReflectiveOperationException {
    ConvolutionShape shape =
        new ConvolutionShape(DType.F32, 1, 8, 12, 10, 16, List.of(1L, 1L, 1L, 1L));
    CompileOptions all =
        CompileOptions.DEFAULT
            .withSettings(Map.of("width", "3"))
            .withWeights(new GivenWeights(Path.of("a.safetensors"), List.of()))
            .withSeed(7)
            .withJar(true, true)
            .withPtx(true)
            .withDumpDir(Path.of("dump"))
            .withMostTurns(5)
            .withMath(MathMode.EXACT)
            .withStorage(WeightStorage.BF16)
            .withSchedules(ScheduleTable.EMPTY.with(shape, ConvolutionWay.DIRECT));
    for (RecordComponent option : CompileOptions.class.getRecordComponents()) {
      assertThat(option.getAccessor().invoke(all))
          .as(option.getName())
          .isNotEqualTo(option.getAccessor().invoke(CompileOptions.DEFAULT));
    }
  }
}
