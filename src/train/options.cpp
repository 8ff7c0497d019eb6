#include "train/options.h"

namespace kuchi::train {

void describe(config::Section s, Options& o) {
  s.add("max_epochs", o.max_epochs).at_least(1).help("passes over the training part");
  s.add("max_steps", o.max_steps)
      .at_least(0)
      .help("stops after so many updates; 0: max_epochs says");
  s.add("batch_frames", o.batch_frames)
      .at_least(1)
      .unit("frames")
      .help("frames in a batch, padding included");
  s.add("segment_frames", o.segment_frames)
      .at_least(0)
      .unit("frames")
      .help("longer clips are cut to this, elsewhere every epoch; 0: whole clips");
  s.add("pool_batches", o.pool_batches)
      .at_least(1)
      .help("so many batches are drawn together and sorted by length, to spare padding");
  s.add("optimizer", o.optimizer)
      .choices({"adamw"})
      .help("AdamW (Loshchilov & Hutter 2019), no decay on biases and norms");
  s.add("lr", o.lr).above(0).at_most(1).help("peak learning rate");
  s.add("beta1", o.beta1).at_least(0).below(1).help("decay of the mean of gradients");
  s.add("beta2", o.beta2).at_least(0).below(1).help("decay of the mean of squared gradients");
  s.add("eps", o.eps).above(0).at_most(1).help("added to the root of the second moment");
  s.add("weight_decay", o.weight_decay).at_least(0).at_most(10).help("decoupled, times the rate");
  s.add_choice("schedule", o.schedule,
               {{"constant", Schedule::constant}, {"cosine", Schedule::cosine}})
      .help("how the rate falls after the warm-up");
  s.add("warmup", o.warmup).at_least(0).below(1).help("share of all steps in which the rate rises");
  s.add("final_lr", o.final_lr).at_least(0).at_most(1).help("last rate, as a share of lr");
  s.add("grad_clip", o.grad_clip)
      .at_least(0)
      .help("largest norm of the gradient over all parameters; 0: no clipping");
  s.add("grad_accumulation", o.grad_accumulation)
      .at_least(1)
      .at_most(1024)
      .help("batches that make one update");
  s.add("ema", o.ema)
      .at_least(0)
      .below(1)
      .help(
          "decay a step of the average of the weights, which is then what is judged and saved; "
          "0: none");
  s.add("precision", o.precision).choices({"fp32"}).help("of the arithmetic");
  s.add("device", o.device).help("auto, cpu, cuda or cuda:N");
  s.add("threads", o.threads)
      .at_least(0)
      .at_most(1024)
      .help("of the CPU's arithmetic; 0: one a core. Results are bit-identical at equal counts");
  s.add("loader_threads", o.loader_threads)
      .at_least(1)
      .at_most(256)
      .help("threads that make batches; change nothing but speed");
  s.add("seed", o.seed).at_least(0).help("of weights, order, dropout and augmentation");
  s.add("patience", o.patience)
      .at_least(0)
      .unit("epochs")
      .help("stops after so many epochs without a better validation; 0: never");
  s.add("monitor", o.monitor)
      .choices({"mse", "nmse", "mae", "r2", "pcc", "vel_mse"})
      .help("validation metric that decides which checkpoint is best");
  s.add("keep", o.keep).at_least(1).help("checkpoints kept beside the best one");
  s.add("checkpoint_every", o.checkpoint_every)
      .at_least(1)
      .unit("epochs")
      .help("how often a checkpoint is written; the last epoch always is");
  s.add("checkpoint_steps", o.checkpoint_steps)
      .at_least(0)
      .help("also one every so many updates, within an epoch too; 0: none");
  s.add("checkpoint_minutes", o.checkpoint_minutes)
      .at_least(0)
      .unit("min")
      .help("also one when the last is so old: what a kill or a power cut can cost; 0: none");
  s.add("process_timeout", o.process_timeout)
      .at_least(1)
      .at_most(86400)
      .unit("s")
      .help("of several processes: how long one waits for the others before it gives up");
  s.add("tensorboard", o.tensorboard)
      .help("writes RUN/tb for TensorBoard: scalars, histograms, curves of a validation clip");
}

void describe(config::Section s, LossOptions& o) {
  s.add_choice("kind", o.kind, {{"mse", LossKind::mse}, {"huber", LossKind::huber}})
      .help("error of the curves' values");
  s.add("huber_delta", o.huber_delta).above(0).help("where Huber's loss turns from square to line");
  s.add("velocity", o.velocity)
      .at_least(0)
      .unit("s^2")
      .help("weight of the squared error of velocity, in curve^2/s^2");
  s.add("curve_weights", o.curve_weights)
      .at_least(0)
      .help("weight by curve name, 1 where none is given, like {jawOpen: 2}");
}

void describe(config::Section s, EvalOptions& o) {
  s.add("split", o.split).choices({"test", "valid", "train", "all"}).help("what eval judges");
  s.add("resamples", o.resamples)
      .at_least(0)
      .at_most(1000000)
      .help("of the bootstrap behind the intervals; 0: no intervals");
  s.add("seed", o.seed).at_least(0).help("of the bootstrap");
}

}  // namespace kuchi::train
