/** How long a Machine's Node is tried to be deleted when nobody says. */
export const nodeDeletionTimeoutSeconds = 10
