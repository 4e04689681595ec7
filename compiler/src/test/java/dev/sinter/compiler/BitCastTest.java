package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Bits read as another type: in what comes in and goes out, between kernels, and of a slice that a
/// loop walks over.
class BitCastTest {
  private static final Graph GRAPH =
      GraphParser.graph(
          """
          graph forward(argument x %x: f32[N, 3], argument i %i: i32[N]) {
            %bits: i32[N, 3] = bit_cast(%x) {dtype = i32}
            %mask: i32[N, 3] = fill() {dtype = i32, real = 2.147483647E9, integer = 2147483647, \
          shape = [N, 3]}
            %plain: i32[N, 3] = and(%bits, %mask)
            %size: f32[N, 3] = bit_cast(%plain) {dtype = f32}
            %more: f32[N, 3] = add(%size, %x)
            %back: f32[N] = bit_cast(%i) {dtype = f32}
            %rows: u32[N, 3] = scan(%x) {steps = N, carried = 0, walked = 1}
              region(%turn: i32[], %row: f32[3]) {
                %half: u32[3] = bit_cast(%row) {dtype = u32}
                return %half
              }
            return argument bits = %bits, argument size = %size, argument more = %more, \
          argument back = %back, argument rows = %rows
          }
          """);

  @Test
  void isTheSameMemory() {
    ModelGraph graph =
        new ModelGraph("m", List.of(), List.of(GRAPH), Optional.empty(), Contracts.NONE);
    try (Model model = new Compiler(CompileOptions.DEFAULT).compile(graph).load(Map.of());
        Session session = model.session(1)) {
      for (int n : new int[] {2, 5}) {
        float[] numbers = new float[3 * n];
        int[] integers = new int[n];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = i % 2 == 0 ? 1.5f * i : -0.25f * i;
          integers[i / 3] = Float.floatToIntBits(i);
        }
        Map<String, Tensor> inputs =
            Map.of("x", Tensor.of(numbers, n, 3), "i", Tensor.of(integers, n));
        Map<String, Tensor> actual = session.run(inputs);
        Interpreter.rounding()
            .run(GRAPH, inputs)
            .forEach((output, expected) ->
                assertThat(Objects.requireNonNull(actual.get(output.name())).toDoubleArray())
                    .as(output.name())
                    .isEqualTo(expected.toDoubleArray()));
        assertThat(Objects.requireNonNull(actual.get("bits")).getLong(1))
            .isEqualTo(Float.floatToRawIntBits(-0.25f));
      }
    }
  }
}
