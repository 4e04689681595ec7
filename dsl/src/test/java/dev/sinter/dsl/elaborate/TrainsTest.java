package dev.sinter.dsl.elaborate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.dsl.Text;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Training;
import dev.sinter.runtime.Tensor;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TrainsTest {
  private static final String LINE =
      """
      model Line() {
        param a: f32[2] = 1
        param b: f32[] = 0.5
        fn (x: f32[N, 2]) -> f32[N] {
          y[n] = sum(x[n, i] * a[i] for i) + b
          return y
        }
      }
      """;
  private static final Tensor X = Tensor.of(new float[] {1, 2, 3, -1}, 2, 2);
  private static final Tensor Y = Tensor.of(new float[] {2, 5}, 2);

  private static String train(String items) {
    return LINE
        + "train Fit() {\n  net = Line()\n  data (x: f32[N, 2], y: f32[N]) batch N = 2\n"
        + items
        + "\n}\n";
  }

  private static Text.Session session(String items) {
    return new Text.Session(Text.of(train(items)).elaborate("Fit"));
  }

  private static Map<String, Tensor> step(Text.Session session, int iteration) {
    return session.run(
        "step", Map.of("x", X, "y", Y, "iteration", Tensor.of(new int[] {iteration})));
  }

  private static double[] values(Text.Session session, String name) {
    return session.tensor(name).toDoubleArray();
  }

  private static double loss(Map<String, Tensor> results) {
    return Objects.requireNonNull(results.get("loss")).getDouble(0);
  }

  // The predictions are 3.5 and 2.5, so the errors 1.5 and -2.5: the mean square is 4.25, its
  // gradient by a is the mean of 2 * error * x = (-6, 5.5), by b it is -1.

  @Test
  void aStepOfGradientDescentIsTheOneByHand() {
    Text.Session fit = session("step { minimize mse(net(x), y) over net with Sgd(lr = 0.1) }");
    assertThat(loss(step(fit, 1))).isEqualTo(4.25);
    assertThat(values(fit, "net.a")).containsExactly(new double[] {1.6, 0.45}, within(1e-6));
    assertThat(values(fit, "net.b")).containsExactly(new double[] {0.6}, within(1e-6));
  }

  @Test
  void theLastGroupThatFitsWins() {
    Text.Session fit =
        session(
            "step { minimize mse(net(x), y) over net with Sgd(lr = 0.1)"
                + " over net.b with Sgd(lr = 1.0) }");
    step(fit, 1);
    assertThat(values(fit, "net.a")).containsExactly(new double[] {1.6, 0.45}, within(1e-6));
    assertThat(values(fit, "net.b")).containsExactly(new double[] {1.5}, within(1e-6));
  }

  @Test
  void frozenWeightsStay() {
    Text.Session fit =
        session("freeze net.a step { minimize mse(net(x), y) over net with Sgd(lr = 0.1) }");
    step(fit, 1);
    assertThat(values(fit, "net.a")).containsExactly(1, 1);
    assertThat(values(fit, "net.b")).containsExactly(new double[] {0.6}, within(1e-6));
  }

  @Test
  void gradientsAreClippedByTheirNormTogether() {
    Text.Session fit =
        session("step { minimize mse(net(x), y) over net with clip_norm(1.0) |> Sgd(lr = 1.0) }");
    step(fit, 1);
    double norm = Math.sqrt(36 + 5.5 * 5.5 + 1);
    assertThat(values(fit, "net.a"))
        .containsExactly(new double[] {1 + 6 / norm, 1 - 5.5 / norm}, within(1e-5));
    assertThat(values(fit, "net.b")).containsExactly(new double[] {0.5 + 1 / norm}, within(1e-5));
  }

  @Test
  void momentumIsKeptInASlot() {
    Text.Session fit =
        session("step { minimize mse(net(x), y) over net with Sgd(lr = 0.01, momentum = 0.9) }");
    step(fit, 1);
    assertThat(values(fit, "opt.step.net.b.v")).containsExactly(new double[] {-1}, within(1e-6));
    double before = values(fit, "net.b")[0];
    step(fit, 2);
    double slot = values(fit, "opt.step.net.b.v")[0];
    assertThat(values(fit, "net.b")[0]).isCloseTo(before - 0.01 * slot, within(1e-6));
    assertThat(slot).isLessThan(-1);
  }

  @Test
  void theFirstStepOfAdamIsTheRateInTheGradientsDirection() {
    Text.Session fit = session("step { minimize mse(net(x), y) over net with Adam(lr = 0.25) }");
    step(fit, 1);
    assertThat(values(fit, "net.a")).containsExactly(new double[] {1.25, 0.75}, within(1e-4));
    assertThat(values(fit, "net.b")).containsExactly(new double[] {0.75}, within(1e-4));
  }

  @Test
  void theRateMayFollowTheIteration() {
    Text.Session fit =
        session(
            "step { minimize mse(net(x), y) over net"
                + " with Sgd(lr = cosine(0.2, at = iteration, steps = 4)) }");
    step(fit, 2);
    // Half way down the cosine.
    assertThat(values(fit, "net.b")).containsExactly(new double[] {0.6}, within(1e-6));
  }

  @Test
  void trainingMakesTheLossSmall() {
    Text.Session fit = session("step { minimize mse(net(x), y) over net with AdamW(lr = 0.05) }");
    double last = Double.NaN;
    for (int i = 1; i <= 150; i++) {
      last = loss(step(fit, i));
    }
    assertThat(last).isLessThan(0.01);
  }

  @Test
  void describesHowToTrain() {
    Training training =
        Text.of(
                train(
                    """
                    step one(times = 3) { minimize mse(net(x), y) over net.a with Sgd(lr = 0.1) }
                    step two { minimize l1(net(x), y) over net.b with Sgd(lr = 0.1) }
                    metric error = l1(net(x), y)
                    seed 7
                    epochs 4
                    holdout 2
                    """))
            .elaborate("Fit")
            .training()
            .orElseThrow();
    assertThat(training.steps())
        .containsExactly(new Training.Step("one", 3), new Training.Step("two", 1));
    assertThat(training.batchSymbol()).isEqualTo("N");
    assertThat(training.batchSize()).isEqualTo(2);
    assertThat(training.metricsEntry()).isEqualTo("metrics");
    assertThat(training.model()).isEqualTo("net");
    assertThat(training.seed()).isEqualTo(7);
    assertThat(training.epochs()).isEqualTo(4);
    assertThat(training.holdout()).isEqualTo(2);
  }

  @Test
  void metricsReadTheWeightsThatStepsChange() {
    ModelGraph model =
        Text.of(
                train(
                    "step { minimize mse(net(x), y) over net with Sgd(lr = 0.1) }"
                        + " metric error = l1(net(x), y)"))
            .elaborate("Fit");
    assertThat(model.entry("metrics").orElseThrow().inputs())
        .contains(new Graph.Input("net.a", Graph.Role.STATE));
    Text.Session fit = new Text.Session(model);
    Map<String, Tensor> metrics = fit.run("metrics", Map.of("x", X, "y", Y));
    assertThat(Objects.requireNonNull(metrics.get("error")).getDouble(0)).isEqualTo(2);
  }

  @Test
  void stepsOfSeveralNamesDrawNumbersOfTheirOwn() {
    String draw =
        """
        {
          key k
          z: f32[N, 2] = normal(key = k)
          minimize mean(net(z)) over net with Sgd(lr = 0.0)
        }
        """;
    Text.Session fit = session("step first " + draw + "step second " + draw);
    Map<String, Tensor> inputs =
        Map.of(
            "x",
            X,
            "y",
            Y,
            "iteration",
            Tensor.of(new int[] {1}),
            "key",
            Tensor.of(dev.sinter.runtime.DType.U32, new double[] {1, 1}, 2));
    assertThat(loss(fit.run("first", inputs))).isNotEqualTo(loss(fit.run("second", inputs)));
    assertThat(loss(fit.run("first", inputs))).isEqualTo(loss(fit.run("first", inputs)));
  }
}
