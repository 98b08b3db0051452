export const FAILED = "The answer did not come. Check the connection and try again.";

// What an answer of ours says went wrong: its sentence and its details, each said once.
export function sentence(answer, otherwise = FAILED) {
  const error = answer && answer.error;
  if (!error) return otherwise;
  const details = (error.details || []).map((detail) => detail.message);
  const first = details.length ? error.message.replace(/: see the details\.$/, ":") : error.message;
  return [...new Set([first, ...details])].join(" ");
}
