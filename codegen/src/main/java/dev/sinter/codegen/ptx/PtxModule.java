package dev.sinter.codegen.ptx;

import dev.sinter.ir.kernel.ThreadKernel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Thread kernels as one text of PTX for GPUs of compute capability 8.0 and later.
///
/// @param text the PTX; entries take a pointer for each buffer, then each size as a `u32`
/// @param entries for the name of each entry its kernel, with the grid that it wants
/// @param refused for the name of each kernel that is not in the text the reason
public record PtxModule(
    String text, Map<String, ThreadKernel> entries, Map<String, String> refused) {
  // cp.async and the NaN of max need 7.0 and sm_80; nothing here needs more.
  private static final String HEAD =
      """
      .version 7.0
      .target sm_80
      .address_size 64
      """;

  public PtxModule {
    entries = new LinkedHashMap<>(entries);
    refused = new LinkedHashMap<>(refused);
  }

  /// The module of `kernels`, whose waits and barriers are in place.
  ///
  /// @throws IllegalArgumentException if two kernels have one name
  public static PtxModule of(List<ThreadKernel> kernels) {
    Map<String, ThreadKernel> entries = new LinkedHashMap<>();
    Map<String, String> refused = new LinkedHashMap<>();
    List<String> parts = new ArrayList<>(List.of(HEAD));
    for (ThreadKernel kernel : kernels) {
      String name = PtxEmitter.identifier(kernel.name());
      if (entries.containsKey(name) || refused.containsKey(name)) {
        throw new IllegalArgumentException("two kernels are named " + name);
      }
      Optional<String> reason = PtxLegalizer.refusal(kernel);
      if (reason.isPresent()) {
        refused.put(name, reason.get());
      } else {
        entries.put(name, kernel);
        parts.add(PtxEmitter.emit(PtxLegalizer.legalize(kernel)));
      }
    }
    return new PtxModule(String.join("\n", parts), entries, refused);
  }
}
