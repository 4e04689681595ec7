package dev.sinter.benchmarks.peers;

import dev.sinter.codegen.jar.StoredZip;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes a TorchScript module, as libtorch reads it: a zip file of the module's code and of what
/// it holds, which here is nothing. All tensors are arguments of its function.
final class TorchScript {
  /// A pickle of an object of class `Step` without attributes.
  private static final String OBJECT = "\u0080\u0002c__torch__\nStep\n)\u0081}b.";

  /// A pickle of an empty tuple.
  private static final String NOTHING = "\u0080\u0002).";

  private static final String FORMAT = "10\n";

  private TorchScript() {}

  /// A module whose function computes a loss, its gradients by the weights, and a step of Adam,
  /// which writes the weights and what it keeps of them in place. It takes the fields, then as
  /// lists the weights, both means of each, and how many steps each has seen; it gives the loss.
  ///
  /// @param weights their names
  /// @param loss lines that end with `loss`
  static byte[] adam(List<String> fields, List<String> weights, String loss) {
    StringBuilder code = new StringBuilder(head(fields, "weights", "means", "squares", "turns"));
    code.append(") -> Tensor:\n    ");
    weights.forEach(weight -> code.append(weight.replace('.', '_')).append(", "));
    code.append("= weights\n");
    code.append(loss);
    code.append(
        """
            found = torch.grad([loss], weights)
            _0 = torch.set_grad_enabled(False)
            gradients = annotate(List[Tensor], [])
            for i in range(torch.len(found)):
              _1 = torch.append(gradients, unchecked_cast(Tensor, found[i]))
            _2 = torch._foreach_add_(turns, 1)
            none = annotate(List[Tensor], [])
            _3 = torch._fused_adam_(weights, gradients, means, squares, none, turns, lr=0.001, beta1=0.9, beta2=0.999, weight_decay=0., eps=1e-08, amsgrad=False, maximize=False)
            _4 = torch.set_grad_enabled(True)
            return torch.detach(loss)
        """);
    return archive(code.toString());
  }

  /// A module whose function takes the arguments of a network and a list of its weights, and gives
  /// a list of its results.
  static byte[] network(TorchNetwork.Script script) {
    StringBuilder code = new StringBuilder(head(script.inputs(), "weights"));
    code.append(") -> List[Tensor]:\n");
    if (!script.weights().isEmpty()) {
      code.append("    ").append(String.join(", ", script.weights().keySet()));
      code.append(", = weights\n");
    }
    code.append(script.lines());
    code.append("    return [").append(String.join(", ", script.results())).append("]\n");
    return archive(code.toString());
  }

  /// A function's head up to its arguments: tensors, and lists of tensors.
  private static String head(List<String> tensors, String... lists) {
    StringBuilder code = new StringBuilder();
    code.append("class Step(Module):\n  __parameters__ = []\n  __buffers__ = []\n");
    code.append("  def forward(self: __torch__.Step");
    tensors.forEach(name -> code.append(",\n    ").append(name).append(": Tensor"));
    for (String name : lists) {
      code.append(",\n    ").append(name).append(": List[Tensor]");
    }
    return code.toString();
  }

  private static byte[] archive(String code) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    // The reader takes no compressed files.
    StoredZip zip = new StoredZip(out);
    try {
      zip.put("module/data.pkl", OBJECT.getBytes(StandardCharsets.ISO_8859_1));
      zip.put("module/code/__torch__.py", code.getBytes(StandardCharsets.US_ASCII));
      zip.put("module/constants.pkl", NOTHING.getBytes(StandardCharsets.ISO_8859_1));
      zip.put("module/version", FORMAT.getBytes(StandardCharsets.US_ASCII));
      zip.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
