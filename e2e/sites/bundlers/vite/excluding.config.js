// What Vite 6 and 7 need for their development server; 8 works either way.
export default { optimizeDeps: { exclude: ["sunwi"] } };
