package dev.sinter.benchmarks;

import dev.sinter.runtime.Tensor;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Compiled models with one thread, copying of arguments and results included; to be read beside
/// [PeakBenchmark].
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 10, time = 1)
public class ModelBenchmark {
  /// What is run.
  public enum Work {
    /// 2 * 480 * 256 * 384 operations.
    PRODUCT(
        """
        model M {
          param weight: f32[384, 256] = normal(std = 0.1)
          fn (x: f32[480, 256]) -> f32[480, 384] = relu(einsum{b i, o i -> b o}(x, weight))
        }
        """),
    /// 2 * 128 * (784 * 512 + 512 * 512 + 512 * 10) operations.
    MLP(
        """
        model M {
          net = Linear[784 -> 512] |> relu |> Linear[512 -> 512] |> relu |> Linear[512 -> 10]
          fn (x: f32[128, 784]) -> f32[128, 10] = net(x)
        }
        """),
    /// 2 * 56 * 56 * 64 * 64 * 9 operations.
    CONVOLUTION(
        """
        model M {
          net = Conv[64 -> 64](k = 3, pad = 1) |> relu
          fn (x: f32[1, 64, 56, 56]) -> f32[1, 64, 56, 56] = net(x)
        }
        """),
    /// 2 * 28 * 28 * 128 * 128 * 9 operations.
    DEEP_CONVOLUTION(
        """
        model M {
          net = Conv[128 -> 128](k = 3, pad = 1) |> relu
          fn (x: f32[1, 128, 28, 28]) -> f32[1, 128, 28, 28] = net(x)
        }
        """),
    /// 1024 * 1024 elements.
    SOFTMAX(
        """
        model M {
          fn (x: f32[1024, 1024]) -> f32[1024, 1024] = softmax(x)
        }
        """);

    private final String text;

    Work(String text) {
      this.text = text;
    }
  }

  /// Which of them.
  @Param public Work work = Work.PRODUCT;

  private CompiledText model = new CompiledText(Work.PRODUCT.text, 1);

  /// Compiles and loads the model.
  @Setup
  public void compile() {
    model.close();
    model = new CompiledText(work.text, 1);
  }

  /// Ends its threads.
  @TearDown
  public void close() {
    model.close();
  }

  /// One run.
  @Benchmark
  public Map<String, Tensor> run() {
    return model.run();
  }
}
