package dev.sinter.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  @TempDir private Path folder;

  @Test
  void findsTheLineThroughThePoints() throws IOException {
    Run run = train(spec(40, 7), points(50), Optional.empty(), Optional.empty(), false);
    assertThat(run.line().get(0)).isCloseTo(2f, within(1e-2f));
    assertThat(run.line().get(1)).isCloseTo(-1f, within(1e-2f));
    assertThat(run.epochs()).hasSize(40);
    assertThat(run.epochs().getLast().losses().get("loss")).isLessThan(1e-3);
  }

  @Test
  void givesTheSameBitsAgainAndOthersWithAnotherSeed() throws IOException {
    List<Float> first = train(spec(3, 7), points(50)).line();
    assertThat(train(spec(3, 7), points(50)).line()).isEqualTo(first);
    assertThat(train(spec(3, 8), points(50)).line()).isNotEqualTo(first);
  }

  @Test
  void goesOnFromACheckpointAsIfItHadNeverStopped() throws IOException {
    Path checkpoint = folder.resolve("line.checkpoint");
    Run whole = train(spec(6, 7), points(50));
    train(spec(2, 7), points(50), Optional.empty(), Optional.of(checkpoint), false);
    Run rest = train(spec(6, 7), points(50), Optional.empty(), Optional.of(checkpoint), true);
    assertThat(rest.line()).isEqualTo(whole.line());
    assertThat(rest.epochs())
        .extracting(TrainingListener.Epoch::number)
        .containsExactly(3, 4, 5, 6);
    assertThat(rest.epochs().getLast().losses()).isEqualTo(whole.epochs().getLast().losses());
  }

  @Test
  void hasNothingToDoAfterTheLastEpoch() throws IOException {
    Path checkpoint = folder.resolve("line.checkpoint");
    Run whole = train(spec(2, 7), points(50), Optional.empty(), Optional.of(checkpoint), false);
    Run again = train(spec(2, 7), points(50), Optional.empty(), Optional.of(checkpoint), true);
    assertThat(again.epochs()).isEmpty();
    assertThat(again.line()).isEqualTo(whole.line());
  }

  @Test
  void beginsAnewWithoutResume() throws IOException {
    Path checkpoint = folder.resolve("line.checkpoint");
    train(spec(2, 7), points(50), Optional.empty(), Optional.of(checkpoint), false);
    Run again = train(spec(2, 7), points(50), Optional.empty(), Optional.of(checkpoint), false);
    assertThat(again.epochs()).hasSize(2);
  }

  @Test
  void refusesTheCheckpointOfAnotherTraining() throws IOException {
    Path checkpoint = folder.resolve("line.checkpoint");
    train(spec(1, 7), points(50), Optional.empty(), Optional.of(checkpoint), false);
    assertThatThrownBy(
            () -> train(spec(2, 8), points(50), Optional.empty(), Optional.of(checkpoint), true))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("another training")
        .hasMessageContaining("seed=8");
  }

  @Test
  void refusesACheckpointThatIsNone() throws IOException {
    Path checkpoint = folder.resolve("line.checkpoint");
    Files.writeString(checkpoint, "not a checkpoint at all");
    assertThatThrownBy(
            () -> train(spec(2, 7), points(50), Optional.empty(), Optional.of(checkpoint), true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line.checkpoint");
  }

  @Test
  void weighsAShortLastBatchByItsExamples() throws IOException {
    // 10 examples in batches of 4: the last has 2. With no training in between (zero data for y
    // and x), every loss is the mean of y squared.
    Tensor x = Tensor.of(new float[10], 10);
    Tensor y = Tensor.of(new float[] {0, 0, 0, 0, 0, 0, 0, 0, 3, 3}, 10);
    Dataset test = new Dataset(Map.of("x", x, "y", y), 10);
    Run run = train(spec(1, 7), zeros(10), Optional.of(test), Optional.empty(), false);
    assertThat(run.epochs().getFirst().metrics().get("error")).isEqualTo(1.8, within(1e-6));
    assertThat(run.batches()).containsExactly(4L, 8L, 10L);
  }

  @Test
  void testsOnTheHeldOutExamplesAndNeverTrainsOnThem() throws IOException {
    // The last 10 lie elsewhere: a training that saw them would move away from zero.
    Tensor x = Tensor.of(new float[20], 20);
    Tensor y = Tensor.zeros(dev.sinter.runtime.DType.F32, 20);
    for (int i = 10; i < 20; i++) {
      y.setDouble(i, 5);
    }
    TrainingSpec spec = spec(2, 7, 10);
    Run run =
        train(
            spec,
            new Dataset(Map.of("x", x, "y", y), 20),
            Optional.empty(),
            Optional.empty(),
            false);
    assertThat(run.line()).containsExactly(0f, 0f);
    assertThat(run.epochs().getLast().metrics().get("error")).isEqualTo(25.0, within(1e-6));
  }

  @Test
  void saysWhenTooManyExamplesAreHeldOut() {
    assertThatThrownBy(() -> train(spec(1, 7, 50), points(50)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("50 examples, of which 50 are to be held out");
  }

  @Test
  void runsAStepAsOftenAsItSays() throws IOException {
    TrainingSpec once = spec(1, 7);
    TrainingSpec twice =
        new TrainingSpec(
            once.fields(),
            once.batchSize(),
            List.of(new TrainingSpec.Step("step", 2)),
            once.metrics(),
            once.seed(),
            once.epochs(),
            once.holdout());
    assertThat(train(twice, points(8)).line()).isNotEqualTo(train(once, points(8)).line());
  }

  private record Run(List<Float> line, List<TrainingListener.Epoch> epochs, List<Long> batches) {}

  private static Run train(TrainingSpec spec, Dataset data) throws IOException {
    return train(spec, data, Optional.empty(), Optional.empty(), false);
  }

  private static Run train(
      TrainingSpec spec,
      Dataset data,
      Optional<Dataset> test,
      Optional<Path> checkpoint,
      boolean resume)
      throws IOException {
    List<TrainingListener.Epoch> epochs = new ArrayList<>();
    List<Long> batches = new ArrayList<>();
    try (Model model = Model.of(new LineProgram(), Map.of());
        Session session = model.session(1)) {
      new Trainer(session, model.spec(), spec, data, test)
          .run(
              checkpoint,
              resume,
              new TrainingListener() {
                @Override
                public void batch(int epoch, long done, long of, Map<String, Double> losses) {
                  batches.add(done);
                }

                @Override
                public void epoch(Epoch epoch) {
                  epochs.add(epoch);
                }
              });
      Tensor line = session.state("line");
      return new Run(
          List.of((float) line.getDouble(0), (float) line.getDouble(1)), epochs, batches);
    }
  }

  private static TrainingSpec spec(int epochs, long seed) {
    return spec(epochs, seed, 0);
  }

  private static TrainingSpec spec(int epochs, long seed, long holdout) {
    return new TrainingSpec(
        LineProgram.FIELDS,
        4,
        List.of(new TrainingSpec.Step("step", 1)),
        "metrics",
        seed,
        epochs,
        holdout);
  }

  /// Points on the line 2 x - 1.
  private static Dataset points(int count) {
    float[] x = new float[count];
    float[] y = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (i % 11) / 5f - 1;
      y[i] = 2 * x[i] - 1;
    }
    return new Dataset(Map.of("x", Tensor.of(x, count), "y", Tensor.of(y, count)), count);
  }

  private static Dataset zeros(int count) {
    Tensor zeros = Tensor.of(new float[count], count);
    return new Dataset(Map.of("x", zeros, "y", zeros.copy()), count);
  }
}
