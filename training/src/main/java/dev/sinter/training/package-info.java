/// Data sources, batches, checkpoints and the training loop.
package dev.sinter.training;
